use tallymark::Labels;

#[derive(Labels)]
struct Http {
    path: &'static str,
    #[label("path")]
    route: &'static str,
}

fn main() {}
