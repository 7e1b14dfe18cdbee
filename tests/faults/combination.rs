//! One fault on one operation: what comes of it, and that nothing is lost, doubled or shown.

use std::collections::BTreeSet;
use std::fmt;

use immuta_simulator::{Fault, FaultKind, StoredWebhook};
use tfplugin_host::state::State;
use tfplugin_host::value::ValueExt as _;

use crate::kinds::Named;
use crate::operations::{Operation, Ran};
use crate::rig::{A, Scene, bystander};

/// How often the fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Times {
    /// Every call: it stays.
    Always,
    /// The first call: it passes.
    Once,
}

/// What came of it, in the words of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// It was done, at a second attempt.
    Retried,
    /// An error, although it may be done: what Immuta holds is saved in state.
    Saved,
    /// An error: the new webhook is saved, tainted.
    Tainted,
    /// An error: a webhook may exist that is not in state.
    MayExist,
    /// An error: nothing was changed, as far as state knows.
    Error,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Outcome::Done => "done",
            Outcome::Retried => "retried",
            Outcome::Saved => "saved",
            Outcome::Tainted => "tainted",
            Outcome::MayExist => "may exist",
            Outcome::Error => "error",
        })
    }
}

/// The summary of the error which says that a webhook may exist.
const MAY_EXIST: &str = "Webhook may have been created";

/// Tries it. A panic is a failure.
pub(crate) fn try_it(fault: &Named, operation: Operation, times: Times) -> Outcome {
    let mut scene = Scene::new(fault.pace());
    let untouched = bystander();
    scene.api.insert(untouched.clone());
    operation.prepare(&mut scene);
    let others = BTreeSet::from([untouched.id.clone()]);
    let target = ours(&scene, &untouched).into_iter().next();
    let id = target.as_ref().map(|webhook| webhook.id.clone());
    let before = scene.ws.state(A).cloned();
    scene.api.clear_requests();

    let on = operation.struck();
    let set = scene.api.fault(match times {
        Times::Always => Fault::always(on, fault.kind.clone()),
        Times::Once => Fault::once(on, fault.kind.clone()),
    });
    let ran = operation.run(&mut scene, id.as_deref());
    assert!(scene.api.struck(set) > 0, "the fault struck no call");
    scene.api.clear_fault(set);
    await_late_effect(&scene, fault, operation, &untouched);

    check_retries(&scene, fault, operation);
    let outcome = outcome(&scene, operation, &ran, before.as_ref());
    check_nothing_lost(&scene, operation, &ran, &others);
    converge(&mut scene, operation, &ran, &untouched);
    assert_eq!(
        scene.api.webhook(&untouched.id).as_ref(),
        Some(&untouched),
        "a webhook was touched that is not Terraform's"
    );
    scene.finish();
    outcome
}

/// The webhooks in the simulator but the bystander.
fn ours(scene: &Scene, untouched: &StoredWebhook) -> Vec<StoredWebhook> {
    let all = scene.api.webhooks();
    all.into_iter().filter(|w| w.id != untouched.id).collect()
}

/// The effect of a slow call comes also when nobody waits for it any more.
fn await_late_effect(scene: &Scene, fault: &Named, operation: Operation, other: &StoredWebhook) {
    if !matches!(fault.kind, FaultKind::Latency(_)) {
        return;
    }
    let held = || ours(scene, other);
    let done = scene.api.wait_for(|_| match operation {
        Operation::Create | Operation::Replace => held().len() == 1,
        Operation::Delete => held().is_empty(),
        Operation::Update | Operation::Rotate => {
            let (url, key) = operation.wanted().expect("a webhook is wanted");
            held()
                .iter()
                .any(|w| w.url == url && (key.is_none() || w.signing_key.as_deref() == key))
        }
        _ => true,
    });
    assert!(done, "the late effect never came");
}

/// A POST is sent again only after a 429, and nothing is sent again where that changes nothing.
fn check_retries(scene: &Scene, fault: &Named, operation: Operation) {
    let route = operation.struck().route;
    let sent = scene
        .api
        .requests()
        .into_iter()
        .filter(|seen| Some(seen.route) == route && seen.fault.is_some())
        .count();
    let unprocessed = matches!(&fault.kind, FaultKind::Status(reply) if reply.status == 429);
    if operation.is_post() && !unprocessed {
        assert_eq!(sent, 1, "a POST was sent again");
    }
    assert!(sent <= 2, "sent {sent} times, and max_attempts is 2");
}

fn outcome(scene: &Scene, operation: Operation, ran: &Ran, before: Option<&State>) -> Outcome {
    let struck = scene.api.requests();
    let retried = struck.iter().any(|again| {
        again.fault.is_none()
            && struck.iter().any(|first| {
                first.fault.is_some() && first.path == again.path && first.method == again.method
            })
    }) && operation != Operation::CreateUnlisted;
    let now = scene.ws.state(A);
    match (ran.failed, now) {
        (false, _) => {
            check_done(scene, operation, now);
            if retried {
                Outcome::Retried
            } else {
                Outcome::Done
            }
        }
        (true, Some(now)) if now.tainted => Outcome::Tainted,
        (true, _) if ran.errors.iter().any(|e| e == MAY_EXIST) => Outcome::MayExist,
        (true, Some(now))
            if operation.is_write() && before.is_none_or(|b| b.value != now.value) =>
        {
            Outcome::Saved
        }
        (true, _) => Outcome::Error,
    }
}

/// Where no error came, it is as it should be.
fn check_done(scene: &Scene, operation: Operation, now: Option<&State>) {
    let managed =
        operation.is_write() || matches!(operation, Operation::Refresh | Operation::Import);
    if !managed {
        return;
    }
    match operation.wanted() {
        None => assert!(now.is_none(), "deleted, and still in state"),
        Some((url, key)) => {
            let now = now.expect("done, and not in state");
            assert!(!now.tainted);
            let id = now.value.attribute("id").as_str().expect("an id");
            let held = scene.api.webhook(id).expect("what is in state exists");
            assert_eq!(held.url, url);
            assert_eq!(held.signing_key.as_deref(), key);
        }
    }
}

/// Whatever exists is in state, or the error tells how to take it in; what is in state exists, or
/// the error says that nothing is known.
fn check_nothing_lost(scene: &Scene, operation: Operation, ran: &Ran, others: &BTreeSet<String>) {
    let (in_api, in_state) = (scene.ids_in_api(), scene.ids_in_state());
    let exists: BTreeSet<_> = in_api.difference(others).cloned().collect();
    assert!(exists.len() <= 1, "doubled: {exists:?}\n{}", ran.text);
    for id in in_state.difference(&exists) {
        assert!(
            ran.failed,
            "{id} is in state and does not exist\n{}",
            ran.text
        );
    }
    if !operation.is_write() {
        return;
    }
    for id in exists.difference(&in_state) {
        let output = ran.errors.iter().any(|e| e == MAY_EXIST)
            && ran.text.contains("terraform import ADDRESS ");
        assert!(output, "{id} exists, and nobody knows of it\n{}", ran.text);
    }
}

/// Without the fault, what the error says to do and one apply make it as it should be, and the next
/// plan shows nothing to do.
fn converge(scene: &mut Scene, operation: Operation, ran: &Ran, other: &StoredWebhook) {
    let only_looks =
        !operation.is_write() && !matches!(operation, Operation::Refresh | Operation::Import);
    if only_looks {
        if ran.failed {
            let id = ours(scene, other)[0].id.clone();
            let again = operation.run(scene, Some(&id));
            assert!(!again.failed, "it does not recover: {}", again.text);
        }
        return;
    }
    let in_state = scene.ids_in_state();
    let unknown = ours(scene, other)
        .into_iter()
        .find(|webhook| !in_state.contains(&webhook.id));
    if let Some(orphan) = unknown {
        if operation != Operation::Import {
            // The plan names it, as the error did.
            let output = scene.plan();
            assert!(
                output.warnings.iter().any(|w| w.contains(&orphan.id)),
                "the plan does not name {}: {}",
                orphan.id,
                output.text
            );
        }
        let result = scene.ws.import(A, &orphan.id);
        let output = scene.check(result);
        assert!(!output.failed, "it cannot be imported: {}", output.text);
    }
    scene.apply_ok();
    scene.no_changes();
    let held = ours(scene, other);
    match operation.wanted() {
        None => assert!(held.is_empty(), "not deleted: {held:?}"),
        Some((url, key)) => {
            assert_eq!(held.len(), 1, "not exactly one: {held:?}");
            assert_eq!(held[0].url, url);
            assert!(held[0].signing_key.as_deref() == key, "another key is set");
            assert_eq!(scene.id().as_deref(), Some(held[0].id.as_str()));
        }
    }
}
