use tallymark::counter;

#[counter(labels(size: bool))]
fn pack(size: u64) {}

fn main() {
    pack(7);
}
