use tallymark::count_exceptions;

#[count_exceptions(panic = true)]
fn serve() {}

fn main() {}
