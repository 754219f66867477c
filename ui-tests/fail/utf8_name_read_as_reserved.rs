use tallymark::{LabelValue, StateSet, counter, stateset};

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
}

#[counter(name = "花火", allow_utf8)]
fn serve() {}

#[counter(name = "__http.requests", allow_utf8)]
fn answer() {}

#[stateset(name = ":_state", allow_utf8)]
static STATE: StateSet<State>;

fn main() {}
