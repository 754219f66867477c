use tallymark::Labels;

#[derive(Labels)]
struct Http {
    #[label(skip)]
    path: &'static str,
}

fn main() {}
