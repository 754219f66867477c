use tallymark::counter;

#[counter(into = )]
fn serve() {}

fn main() {}
