use tallymark::counter;

#[counter(crate = "tallymark")]
fn serve() {}

fn main() {}
