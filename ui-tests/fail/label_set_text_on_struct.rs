use tallymark::Labels;

#[derive(Labels)]
#[label("http")]
struct Http {
    path: &'static str,
}

fn main() {}
