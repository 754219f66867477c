use tallymark::counter;

trait Store {
    #[counter]
    fn read(&self);
}

fn main() {}
