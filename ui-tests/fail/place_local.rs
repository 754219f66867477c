use tallymark::counter;

fn main() {
    #[counter]
    let requests = 0;
}
