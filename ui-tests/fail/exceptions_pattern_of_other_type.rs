use tallymark::count_exceptions;

#[count_exceptions(Err(_))]
fn serve() -> Option<u32> {
    None
}

fn main() {}
