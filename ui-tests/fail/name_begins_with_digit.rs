use tallymark::counter;

#[counter(name = "404_total")]
fn serve() {}

fn main() {}
