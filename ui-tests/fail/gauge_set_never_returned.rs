use tallymark::gauge;

#[gauge(set = |n: &u32| *n)]
fn serve() -> ! {
    loop {}
}

fn main() {}
