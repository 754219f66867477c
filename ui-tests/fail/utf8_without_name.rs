use tallymark::counter;

#[counter(allow_utf8)]
fn größe() {}

#[counter(allow_utf8, namespace = "http.server")]
fn serve() {}

fn main() {}
