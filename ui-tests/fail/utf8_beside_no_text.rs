use tallymark::{LabelValue, Labels};

#[derive(Labels)]
#[label(allow_utf8)]
struct Http {
    #[label(allow_utf8)]
    method: &'static str,
    #[label("http.path", allow_utf8, allow_utf8)]
    path: &'static str,
}

#[derive(LabelValue)]
#[label(allow_utf8)]
enum Method {
    #[label("größe", allow_utf8)]
    Get,
}

fn main() {}
