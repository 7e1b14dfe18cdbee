use super::*;

#[test]
fn only_a_termination_ends_a_process_that_core_started() {
    assert!(!Signal::Interrupt.ends(true));
    assert!(!Signal::HangUp.ends(true));
    assert!(Signal::Terminate.ends(true));
}

#[test]
fn an_attached_process_ends_at_every_signal() {
    assert!(Signal::Interrupt.ends(false));
    assert!(Signal::HangUp.ends(false));
    assert!(Signal::Terminate.ends(false));
}

#[test]
fn a_living_parent_stays_the_same() {
    assert_eq!(Parent::now(), Parent::now());
}
