use tallymark::count_exceptions;

#[count_exceptions]
fn serve() {}

fn main() {}
