use tallymark::LabelValue;

#[derive(LabelValue)]
enum Method {
    #[label(rename = "GET")]
    Get,
}

fn main() {}
