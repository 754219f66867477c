use tallymark::LabelValue;

#[derive(LabelValue)]
enum Method {
    Get,
    #[label("get")]
    Fetch,
}

fn main() {}
