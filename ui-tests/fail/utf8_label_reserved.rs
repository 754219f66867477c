use tallymark::Labels;

#[derive(Labels)]
struct Http {
    #[label("le", allow_utf8)]
    limit: &'static str,
    #[label("..", allow_utf8)]
    dots: &'static str,
    #[label("__http.method", allow_utf8)]
    method: &'static str,
}

fn main() {}
