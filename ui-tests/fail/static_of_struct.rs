use tallymark::counter;

struct Requests;

#[counter]
static REQUESTS: Requests;

fn main() {}
