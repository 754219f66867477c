use tallymark::counter;

#[counter]
pub trait Store {
    fn read(&self);
}

fn main() {}
