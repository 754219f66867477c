use tallymark::measure;

struct Größe;

#[measure]
impl Größe {
    fn get(&self) {}
}

fn main() {}
