use tallymark::measure;

#[measure]
struct Shop;

fn main() {}
