use tallymark::counter;

#[counter(const_labels(__shard = "1"))]
fn serve() {}

fn main() {}
