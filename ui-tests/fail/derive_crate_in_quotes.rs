use tallymark::Labels;

#[derive(Labels)]
#[label(crate = "tallymark")]
struct Http {
    path: &'static str,
}

fn main() {}
