use tallymark::counter;

#[counter(name = "http.requests", allow_utf8 = true)]
fn serve() {}

fn main() {}
