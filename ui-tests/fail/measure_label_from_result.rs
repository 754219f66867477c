use tallymark::measure;

#[measure(labels(ok: bool = |served: &bool| *served))]
fn serve() -> bool {
    true
}

fn main() {}
