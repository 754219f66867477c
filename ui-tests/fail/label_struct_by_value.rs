use tallymark::{Counter, Labels, counter};

#[derive(Labels)]
struct Http {
    method: &'static str,
    status: u16,
}

#[counter]
static REQUESTS: Counter<Http>;

fn main() {
    REQUESTS.with(Http { method: "get", status: 200 }).inc();
}
