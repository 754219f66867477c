use tallymark::counter;

#[counter(labels(ok: bool = |result: &Result<(), String>| result.is_ok()))]
fn serve() -> Option<u32> {
    None
}

fn main() {}
