use tallymark::Labels;

#[derive(Labels)]
struct Http {
    __path: &'static str,
}

fn main() {}
