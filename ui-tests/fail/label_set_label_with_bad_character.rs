use tallymark::Labels;

#[derive(Labels)]
struct Http {
    #[label("http-path")]
    path: &'static str,
}

fn main() {}
