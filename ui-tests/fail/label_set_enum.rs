use tallymark::Labels;

#[derive(Labels)]
enum Method {
    Get,
    Post,
}

fn main() {}
