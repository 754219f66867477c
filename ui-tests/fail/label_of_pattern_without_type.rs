use tallymark::counter;

#[counter(labels(user))]
fn serve((user, _): (u32, u32)) {}

fn main() {}
