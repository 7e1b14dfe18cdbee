//! What no table holds: several webhooks at once, answers that differ, load, and ends in the middle.

mod creates;
mod differences;
mod duplicates;
mod load;
mod stopped;

use libtest_mimic::Trial;

/// Lists tests by the names of their functions.
macro_rules! trials {
    ($($module:ident => [$($name:ident),* $(,)?]),* $(,)?) => {
        vec![$($(
            Trial::test(concat!(stringify!($module), " :: ", stringify!($name)), || {
                $module::$name();
                Ok(())
            }),
        )*)*]
    };
}

/// All of them.
pub(crate) fn all() -> Vec<Trial> {
    trials! {
        creates => [
            three_of_one_url_never_share_an_id,
            an_answer_with_an_id_that_was_there_is_no_webhook_of_ours,
            a_create_of_unknown_outcome_adopts_nothing_where_there_is_no_list_before_it,
        ],
        differences => [
            a_dropped_key_is_reported_and_state_is_what_immuta_holds,
            an_ignored_verify_tls_is_reported_and_state_is_what_immuta_holds,
            a_key_that_an_update_drops_is_reported,
            a_url_that_immuta_normalizes_is_one_warning_and_no_difference,
            a_url_that_immuta_does_not_take_is_reported,
            a_test_that_quotes_secrets_shows_none,
        ],
        duplicates => [
            a_webhook_with_the_planned_url_is_named_at_plan,
            what_is_in_state_is_no_duplicate,
            the_apply_phase_of_newer_clis_asks_for_no_duplicates,
            without_a_list_the_plan_says_that_nothing_was_checked,
        ],
        load => [
            a_429_slows_the_whole_process_down_for_no_longer_than_max_backoff,
            no_more_requests_at_once_than_configured,
        ],
        stopped => [
            a_stop_ends_waits_and_lets_what_was_sent_finish,
            what_begins_after_a_stop_fails_at_once,
        ],
    }
}
