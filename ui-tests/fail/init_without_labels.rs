use tallymark::counter;

#[counter(init = true)]
fn serve() {}

fn main() {}
