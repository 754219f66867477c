use tallymark::counter;

#[counter(const_labels(shard = 1))]
fn serve() {}

fn main() {}
