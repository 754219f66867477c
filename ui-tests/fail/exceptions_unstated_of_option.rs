use tallymark::count_exceptions;

#[count_exceptions]
fn serve() -> Option<u32> {
    None
}

fn main() {}
