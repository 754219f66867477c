use tallymark::measure;

#[measure]
#[tallymark::counter]
fn serve() {}

fn main() {}
