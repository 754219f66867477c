use tallymark::Labels;

#[derive(Labels)]
struct Http {
    #[label("path", "route")]
    path: &'static str,
}

fn main() {}
