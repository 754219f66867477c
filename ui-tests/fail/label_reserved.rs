use tallymark::counter;

#[counter(labels(__shard))]
fn serve(__shard: u8) {}

fn main() {}
