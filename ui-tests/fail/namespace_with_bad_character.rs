use tallymark::counter;

#[counter(namespace = "my-shop")]
fn serve() {}

fn main() {}
