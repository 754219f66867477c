use tallymark::counter;

struct Shop;

#[counter]
impl Shop {
    fn serve(&self) {}
}

fn main() {}
