use tallymark::counter;

#[counter(colour = "red")]
fn serve() {}

fn main() {}
