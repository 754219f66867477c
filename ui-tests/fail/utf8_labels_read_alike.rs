use tallymark::{Labels, counter};

#[derive(Labels)]
struct Http {
    #[label("http.method", allow_utf8)]
    method: &'static str,
    http_method: &'static str,
}

#[counter(name = "requests_total", allow_utf8, labels(gr_e: u8 = 1, größe: u8 = 2, grße: u8 = 3), const_labels(gr__e = "x"))]
fn serve() {}

fn main() {}
