use tallymark::gauge;

#[gauge(set_to_current_time)]
fn serve() -> ! {
    loop {}
}

fn main() {}
