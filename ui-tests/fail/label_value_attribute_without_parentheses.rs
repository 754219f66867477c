use tallymark::LabelValue;

#[derive(LabelValue)]
enum Method {
    #[label = "GET"]
    Get,
}

fn main() {}
