use tallymark::measure;

#[measure]
trait Shop {
    fn open(&self) {}
}

fn main() {}
