use tallymark::counter;

#[counter(help = true)]
fn serve() {}

fn main() {}
