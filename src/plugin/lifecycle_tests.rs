use super::*;

const MOMENT: Duration = Duration::from_millis(1);

#[test]
fn nobody_within_a_minute_ends_it() {
    let start = Instant::now();
    let lifecycle = Lifecycle::begin(start);
    assert_eq!(lifecycle.deadline(), Some(start + FIRST_CONNECTION));
    assert_eq!(
        lifecycle.exit_reason(start + FIRST_CONNECTION - MOMENT),
        None
    );
    assert_eq!(
        lifecycle.exit_reason(start + FIRST_CONNECTION),
        Some(ExitReason::NoClient)
    );
}

#[test]
fn a_client_keeps_it_forever() {
    let start = Instant::now();
    let lifecycle = Lifecycle::begin(start).after(Change::Connected, start + MOMENT);
    assert_eq!(lifecycle.deadline(), None);
    assert_eq!(
        lifecycle.exit_reason(start + Duration::from_hours(24 * 365)),
        None
    );
}

#[test]
fn the_last_to_leave_ends_it_a_second_later() {
    let start = Instant::now();
    let two = Lifecycle::begin(start)
        .after(Change::Connected, start)
        .after(Change::Connected, start);
    let one = two.after(Change::Disconnected, start + MOMENT);
    assert_eq!(one.deadline(), None);

    let left = start + 5 * FIRST_CONNECTION;
    let none = one.after(Change::Disconnected, left);
    assert_eq!(none.exit_reason(left + NEXT_CONNECTION - MOMENT), None);
    assert_eq!(
        none.exit_reason(left + NEXT_CONNECTION),
        Some(ExitReason::LastClientDisconnected)
    );
}

#[test]
fn a_replacement_in_time_goes_on_and_has_its_own_second_later() {
    let start = Instant::now();
    let replaced = Lifecycle::begin(start)
        .after(Change::Connected, start)
        .after(Change::Disconnected, start)
        .after(Change::Connected, start + NEXT_CONNECTION - MOMENT);
    assert_eq!(replaced.exit_reason(start + FIRST_CONNECTION), None);
    let left = start + 2 * FIRST_CONNECTION;
    let none = replaced.after(Change::Disconnected, left);
    assert_eq!(none.deadline(), Some(left + NEXT_CONNECTION));
}

#[test]
fn leaving_in_the_first_minute_does_not_wait_for_it_to_end() {
    let start = Instant::now();
    let none = Lifecycle::begin(start)
        .after(Change::Connected, start)
        .after(Change::Disconnected, start + MOMENT);
    assert_eq!(none.deadline(), Some(start + MOMENT + NEXT_CONNECTION));
}
