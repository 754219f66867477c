use tallymark::counter;

#[counter(labels("user"))]
fn serve(user: u32) {}

fn main() {}
