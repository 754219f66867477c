use tallymark::{LabelValue, StateSet};

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
}

#[tallymark::stateset(max_series = 5)]
static TASK: StateSet<State>;

fn main() {
    TASK.set(State::Idle);
}
