use tallymark::count_exceptions;

#[count_exceptions(Some(0))]
fn serve() {}

fn main() {}
