use tallymark::measure;

trait Serve {
    fn serve(&self);
}

#[measure]
impl Serve for (u8, u8) {
    fn serve(&self) {}
}

fn main() {}
