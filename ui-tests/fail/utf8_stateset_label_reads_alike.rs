use tallymark::{LabelValue, Labels, StateSet, stateset};

#[derive(Clone, Copy, LabelValue)]
enum State {
    Idle,
    Busy,
}

#[derive(Labels)]
struct Task {
    task_state: &'static str,
}

#[stateset(name = "task.state", allow_utf8)]
static STATE: StateSet<State, Task>;

fn main() {}
