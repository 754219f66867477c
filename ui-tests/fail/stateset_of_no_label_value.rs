use tallymark::StateSet;

enum State {
    Idle,
    Busy,
}

#[tallymark::stateset]
static TASK: StateSet<State>;

fn main() {
    let _ = (State::Idle, State::Busy);
}
