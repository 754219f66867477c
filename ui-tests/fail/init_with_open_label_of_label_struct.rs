use tallymark::{Counter, Labels, counter};

#[derive(Labels)]
struct User {
    user: u32,
}

#[counter(init = true)]
static REQUESTS: Counter<User>;

fn main() {}
