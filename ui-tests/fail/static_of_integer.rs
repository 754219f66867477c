use tallymark::counter;

#[counter]
static REQUESTS: u32;

fn main() {}
