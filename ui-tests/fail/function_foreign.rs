use tallymark::counter;

unsafe extern "C" {
    #[counter]
    fn getpid() -> i32;
}

fn main() {}
