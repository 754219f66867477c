use tallymark::counter;

#[counter(outcome)]
fn serve() -> u32 {
    "page"
}

fn main() {}
