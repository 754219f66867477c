use tallymark::{Counter, Labels, counter};

#[derive(Labels)]
struct Http {
    #[label("http.method", allow_utf8)]
    method: &'static str,
}

#[counter(const_labels(http_method = "get"))]
static REQUESTS: Counter<Http>;

fn main() {}
