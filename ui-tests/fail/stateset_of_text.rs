use tallymark::StateSet;

#[tallymark::stateset]
static TASK: StateSet<&'static str>;

fn main() {}
