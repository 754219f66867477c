use tallymark::counter;

#[counter]
const fn double(n: u32) -> u32 {
    2 * n
}

fn main() {}
