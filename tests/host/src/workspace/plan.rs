//! The plan of one instance: what is found, and what is to be done.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::report::{Action, Change, Report};
use super::{config_value, type_of};
use crate::diagnostic::Violation;
use crate::session::{ImportBy, PlanRequest, Planned, Session};
use crate::state::State;
use crate::value::Value;

/// How to plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// `-refresh=false`
    pub no_refresh: bool,
    /// `-replace=<address>`
    pub replace: BTreeSet<String>,
}

/// Marks a state that came into being within the plan, so that it is not upgraded or read again.
pub(super) const IMPORTED: &str = "\u{0}imported";
pub(super) const MOVED_IN_PLACE: &str = "\u{0}moved";

pub(super) fn merge_plans(report: &mut Report, outcomes: Vec<(String, (Report, Option<Change>))>) {
    for (address, (part, change)) in outcomes {
        report.failures.extend(part.failures);
        if let Some(change) = change {
            if let Some(before) = &change.before {
                report.refreshed.insert(address.clone(), before.clone());
            }
            report.changes.insert(address, change);
        }
    }
}

/// Import and the read that follows.
pub(super) fn import_instance(
    session: &Session,
    report: &mut Report,
    address: &str,
    by: &ImportBy,
) -> Option<State> {
    let type_name = type_of(address);
    let answer = session.import(address, type_name, by);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let imported = answer.value?.into_iter().next()?;
    let schema = session.resource(type_name);
    let state = schema.state(imported.state, imported.private, imported.identity);
    let answer = session.read_imported(address, type_name, &state);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let read = answer.value?;
    if read.is_gone() {
        report.complain(
            address,
            "ReadResource",
            Violation::core(
                "Cannot import non-existent remote object",
                format!(
                    "While attempting to import an existing object to \"{address}\", the provider detected that no object exists with the given id."
                ),
            ),
        );
        return None;
    }
    Some(read)
}

/// Upgrade, read, validate and plan of one instance. `None` where core goes no further with it.
pub(super) fn plan_instance(
    session: &Session,
    report: &mut Report,
    address: &str,
    config: Option<Json>,
    state: Option<State>,
    options: &PlanOptions,
) -> Option<Change> {
    let type_name = type_of(address);
    let mut current = None;
    // What a read that found nothing left behind.
    let mut remains = None;
    if let Some(mut state) = state {
        let mark = state.raw.take();
        let imported = mark.as_deref() == Some(IMPORTED);
        let moved = mark.as_deref() == Some(MOVED_IN_PLACE);
        if !imported && !moved {
            state.raw = mark;
            let answer = session.upgrade(address, type_name, &state);
            report.add(address, &answer);
            if answer.stops() {
                return None;
            }
            state = answer.value?;
        }
        let found = if options.no_refresh || imported {
            state
        } else {
            let answer = session.read(address, type_name, &state);
            report.add(address, &answer);
            if answer.stops() {
                return None;
            }
            answer.value?
        };
        if found.is_gone() {
            remains = Some(found);
        } else {
            current = Some(found);
        }
    }
    let nothing = |before: Option<State>| Change {
        action: Action::NoOp,
        planned: before.as_ref().map_or(Value::Null, |b| b.value.clone()),
        private: Vec::new(),
        identity: Value::Null,
        before,
    };
    let Some(config) = config else {
        let Some(before) = current else {
            return Some(nothing(None));
        };
        return plan_destroy(session, report, address, before);
    };
    let config = config_value(session, type_name, &config);
    let answer = session.validate_resource(type_name, &config);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let tainted = current.as_ref().is_some_and(|c| c.tainted);
    let live = current.as_ref().filter(|c| !c.tainted);
    let source = live.or(remains.as_ref());
    let ask = PlanRequest {
        address,
        type_name,
        prior: source.map_or(&Value::Null, |s| &s.value),
        private: source.map_or(&[], |s| &s.private),
        planned_private: &[],
        identity: source.map_or(&Value::Null, |s| &s.identity),
        config: &config,
    };
    let answer = session.plan(ask);
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let first = answer.value?;
    let change = |action: Action, planned: Planned| Change {
        action,
        before: current.clone(),
        planned: planned.value,
        private: planned.private,
        identity: planned.identity,
    };
    if first.deferred.is_some() {
        return Some(change(Action::Deferred, first));
    }
    if tainted {
        return Some(change(Action::Replace(Vec::new()), first));
    }
    let Some(live) = live else {
        return Some(change(Action::Create, first));
    };
    let because = first.replace_because.clone();
    if because.is_empty() && !options.replace.contains(address) {
        let action = if first.value == live.value {
            Action::NoOp
        } else {
            Action::Update
        };
        return Some(change(action, first));
    }
    // Core passes on what the first plan made of the private data of the old object.
    let old = session.profile().old_identity_in_replacement;
    let answer = session.plan(PlanRequest {
        prior: &Value::Null,
        private: &first.private,
        identity: if old { &live.identity } else { &Value::Null },
        ..ask
    });
    report.add(address, &answer);
    if answer.stops() {
        return None;
    }
    let second = answer.value?;
    Some(change(Action::Replace(because), second))
}

pub(super) fn plan_destroy(
    session: &Session,
    report: &mut Report,
    address: &str,
    before: State,
) -> Option<Change> {
    let mut planned = Planned {
        value: Value::Null,
        private: before.private.clone(),
        identity: Value::Null,
        replace_because: Vec::new(),
        deferred: None,
    };
    if session.profile().plan_destroy && session.schemas().capabilities.plan_destroy {
        let answer = session.plan(PlanRequest {
            address,
            type_name: type_of(address),
            prior: &before.value,
            private: &before.private,
            planned_private: &[],
            identity: &before.identity,
            config: &Value::Null,
        });
        report.add(address, &answer);
        if answer.stops() {
            return None;
        }
        planned = answer.value?;
    }
    Some(Change {
        action: Action::Delete,
        before: Some(before),
        planned: Value::Null,
        private: planned.private,
        identity: planned.identity,
    })
}
