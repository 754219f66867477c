use tallymark::counter;

#[counter(labels(http::user))]
fn serve(user: u32) {}

fn main() {}
