use tallymark::count_exceptions;

#[count_exceptions(Err)]
fn serve() -> u32 {
    0
}

fn main() {}
