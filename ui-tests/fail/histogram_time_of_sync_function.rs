use tallymark::histogram;

#[histogram(time = busy)]
fn serve() {}

fn main() {}
