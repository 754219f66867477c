use tallymark::Info;

#[tallymark::info(unit = "seconds")]
static BUILD: Info;

fn main() {}
