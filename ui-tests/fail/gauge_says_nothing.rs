use tallymark::gauge;

#[gauge]
fn serve() {}

fn main() {}
