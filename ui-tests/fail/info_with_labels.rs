use tallymark::Info;

#[tallymark::info(labels(host))]
static BUILD: Info;

fn main() {}
