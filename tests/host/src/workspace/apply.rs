//! The apply of one planned change, and the state that core saves.

use super::plan::plan_destroy;
use super::report::{Action, Change, Report};
use super::{Instance, config_value, type_of};
use crate::diagnostic::{Answer, Violation};
use crate::rules;
use crate::session::{ApplyRequest, PlanRequest, Planned, Session};
use crate::state::{Leg, State, saved};
use crate::value::Value;

/// Applies one change. Gives the state that core saves.
pub(super) fn apply_instance(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: Option<&Instance>,
    change: &Change,
) -> Option<State> {
    let before = change.before.as_ref();
    match &change.action {
        Action::NoOp | Action::Deferred => before.cloned(),
        Action::Delete => delete(
            session,
            report,
            address,
            before?,
            &change.private,
            &change.identity,
        ),
        Action::Create => make(session, report, address, instance?, change),
        Action::Update => update(session, report, address, instance?, change),
        Action::Replace(_) if instance.is_some_and(|i| i.create_first) => {
            let old = before?;
            let new = make(session, report, address, instance?, change);
            if new.as_ref().is_none_or(|n| n.tainted) {
                // Core keeps the old object beside it as deposed; here the new one goes first.
                return new.or_else(|| Some(old.clone()));
            }
            let gone = delete_deposed(session, report, address, old);
            if !gone {
                report.complain(
                    address,
                    "ApplyResourceChange",
                    Violation::silent("Deposed object left", "the replaced object still exists"),
                );
            }
            new
        }
        Action::Replace(_) => {
            let old = before?;
            let left = delete(session, report, address, old, &change.private, &Value::Null);
            if left.is_some() || session.is_stopped() {
                return left;
            }
            make(session, report, address, instance?, change)
        }
    }
}

fn make(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: &Instance,
    change: &Change,
) -> Option<State> {
    let nothing = Value::Null;
    let ask = FinalPlan {
        prior: &nothing,
        private: &[],
        identity: &nothing,
    };
    let (config, planned) = final_plan(session, report, address, instance, change, ask)?;
    let answer = session.apply(ApplyRequest {
        address,
        type_name: type_of(address),
        prior: &Value::Null,
        planned: &planned.value,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &Value::Null,
        config: &config,
    });
    settle(report, address, Leg::Create, None, session, answer)
}

fn update(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: &Instance,
    change: &Change,
) -> Option<State> {
    let before = change.before.as_ref()?;
    let type_name = type_of(address);
    let upgraded = session.upgrade(address, type_name, before);
    report.add(address, &upgraded);
    if upgraded.stops() {
        return Some(before.clone());
    }
    let prior = upgraded.value.unwrap_or_else(|| before.clone());
    let ask = FinalPlan {
        prior: &prior.value,
        private: &prior.private,
        identity: &prior.identity,
    };
    let Some((config, planned)) = final_plan(session, report, address, instance, change, ask)
    else {
        return Some(before.clone());
    };
    if session.profile().upgrade_before_update {
        let answer = session.upgrade(address, type_name, before);
        report.add(address, &answer);
    }
    let answer = session.apply(ApplyRequest {
        address,
        type_name,
        prior: &prior.value,
        planned: &planned.value,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &prior.identity,
        config: &config,
    });
    settle(report, address, Leg::Update, Some(&prior), session, answer)
}

struct FinalPlan<'a> {
    prior: &'a Value,
    private: &'a [u8],
    identity: &'a Value,
}

/// The plan that is made again in apply, and must agree with the first.
fn final_plan(
    session: &Session,
    report: &mut Report,
    address: &str,
    instance: &Instance,
    change: &Change,
    ask: FinalPlan<'_>,
) -> Option<(Value, Planned)> {
    let type_name = type_of(address);
    let config = config_value(session, type_name, &instance.known);
    let answer = session.validate_resource(type_name, &config);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let answer = session.plan(PlanRequest {
        address,
        type_name,
        prior: ask.prior,
        private: ask.private,
        planned_private: &change.private,
        identity: ask.identity,
        config: &config,
    });
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let planned = answer.value?;
    let block = &session.resource(type_name).block;
    let mut violations = rules::second_plan(address, block, &change.planned, &planned.value);
    if !planned.replace_because.is_empty() {
        violations.push(Violation::core(
            "Provider produced inconsistent final plan",
            format!("the plan of {address} was to change it in place, and now is to replace it because of {}", planned.replace_because.join(", ")),
        ));
    }
    if !violations.is_empty() {
        for violation in violations {
            report.complain(address, "PlanResourceChange", violation);
        }
        return None;
    }
    Some((config, planned))
}

fn delete(
    session: &Session,
    report: &mut Report,
    address: &str,
    before: &State,
    private: &[u8],
    identity: &Value,
) -> Option<State> {
    let type_name = type_of(address);
    let upgraded = session.upgrade(address, type_name, before);
    report.add(address, &upgraded);
    if upgraded.stops() {
        return Some(before.clone());
    }
    let prior = upgraded.value.unwrap_or_else(|| before.clone());
    let answer = session.apply(ApplyRequest {
        address,
        type_name,
        prior: &prior.value,
        planned: &Value::Null,
        private,
        identity,
        prior_identity: &prior.identity,
        config: &Value::Null,
    });
    settle(report, address, Leg::Delete, Some(&prior), session, answer)
}

/// Removes the object that a create_before_destroy replaced. Gives whether it is gone.
fn delete_deposed(session: &Session, report: &mut Report, address: &str, old: &State) -> bool {
    let upgraded = session.upgrade(address, type_of(address), old);
    report.add(address, &upgraded);
    let prior = upgraded.value.unwrap_or_else(|| old.clone());
    let Some(planned) = plan_destroy(session, report, address, prior.clone()) else {
        return false;
    };
    let answer = session.apply(ApplyRequest {
        address,
        type_name: type_of(address),
        prior: &prior.value,
        planned: &Value::Null,
        private: &planned.private,
        identity: &planned.identity,
        prior_identity: &prior.identity,
        config: &Value::Null,
    });
    settle(report, address, Leg::Delete, Some(&prior), session, answer).is_none()
}

fn settle(
    report: &mut Report,
    address: &str,
    leg: Leg,
    prior: Option<&State>,
    session: &Session,
    answer: Answer<State>,
) -> Option<State> {
    report.add(address, &answer);
    let failed = answer.stops();
    // Terraform loses a created object whose write-only attribute came back with a value.
    let lost = session.profile().deferral_in_apply
        && answer
            .violations
            .iter()
            .any(|v| v.text.contains("write-only attribute"));
    if lost {
        return prior.cloned();
    }
    saved(leg, prior, answer.value, failed)
}
