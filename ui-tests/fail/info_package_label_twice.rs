use tallymark::Info;

#[tallymark::info(package, const_labels(version = "2"))]
static BUILD: Info;

fn main() {}
