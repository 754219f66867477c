use tallymark::counter;

#[counter(init = true, labels(user))]
fn serve(user: u32) {}

fn main() {}
