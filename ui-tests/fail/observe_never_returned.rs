use tallymark::histogram;

#[histogram(observe = |n: &u32| *n)]
fn serve() -> ! {
    loop {}
}

fn main() {}
