use tallymark::counter;

#[counter(namespace = "_")]
fn _run() {}

fn main() {
    _run();
}
