use tallymark::{Counter, Labels, counter};

#[derive(Labels)]
struct User {
    user: u32,
}

#[counter]
static REQUESTS: Counter<User>;

#[counter(into = REQUESTS)]
fn serve(user: u32) {}

fn main() {}
