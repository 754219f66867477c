use tallymark::{Counter, Labels, counter};

#[derive(Labels)]
struct Http {
    method: &'static str,
    status: u16,
}

#[counter]
static REQUESTS: Counter<Http>;

#[derive(Labels)]
struct Disk {
    disk: &'static str,
}

fn main() {
    REQUESTS.with(&Disk { disk: "sda" }).inc();
}
