use tallymark::measure;

#[measure(name = "serve_total")]
fn serve() {}

fn main() {}
