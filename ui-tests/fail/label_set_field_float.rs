use tallymark::Labels;

#[derive(Labels)]
struct Http {
    seconds: f64,
}

fn main() {}
