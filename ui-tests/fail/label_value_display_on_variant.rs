use tallymark::LabelValue;

#[derive(LabelValue)]
enum Method {
    Get,
    #[label(display)]
    Post,
}

fn main() {}
