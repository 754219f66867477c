use tallymark::count_exceptions;

#[count_exceptions(_)]
fn serve() -> Option<u32> {
    None
}

fn main() {}
