use tallymark::gauge;

struct Queue(Vec<u8>);

impl Queue {
    #[gauge(callback)]
    fn depth(&self) -> usize {
        self.0.len()
    }
}

fn main() {}
