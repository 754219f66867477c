use tallymark::counter;

#[counter(labels(user, user: u32 = 1))]
fn serve(user: u32) {}

fn main() {}
