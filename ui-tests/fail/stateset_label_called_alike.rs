use tallymark::{LabelValue, Labels, StateSet};

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
}

#[derive(Labels)]
struct Task {
    task: &'static str,
}

#[tallymark::stateset(name = "task")]
static TASK: StateSet<State, Task>;

fn main() {
    TASK.with(&Task { task: "mail" }).set(State::Idle);
}
