use tallymark::{LabelValue, StateSet};

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
}

#[tallymark::stateset(name = "quantile")]
static TASK: StateSet<State>;

fn main() {
    TASK.set(State::Idle);
}
