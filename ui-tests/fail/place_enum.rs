use tallymark::counter;

#[counter]
enum Method {
    Get,
}

const METHOD: Method = Method::Get;

fn main() {}
