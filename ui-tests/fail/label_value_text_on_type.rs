use tallymark::LabelValue;

#[derive(LabelValue)]
#[label("method")]
enum Method {
    Get,
    Post,
}

fn main() {}
