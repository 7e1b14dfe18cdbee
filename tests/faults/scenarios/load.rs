use std::time::{Duration, Instant};

use immuta_simulator::{Fault, FaultKind, On, Reply, Route};

use crate::rig::{HANGS_AFTER, Pace, Scene, config, url};

fn many(scene: &mut Scene, count: usize) {
    for n in 0..count {
        let address = format!("immuta_webhook.many[{n}]");
        scene.ws.set(&address, config(&url(&n.to_string()), None));
    }
}

/// One create meets a 429 that asks for an hour: nobody sends anything until `max_backoff` is over.
pub(super) fn a_429_slows_the_whole_process_down_for_no_longer_than_max_backoff() {
    let max_backoff = Duration::from_millis(400);
    let mut scene = Scene::new(Pace {
        max_backoff,
        // So that nothing is on its way while the 429 comes.
        concurrent: 1,
        ..Pace::default()
    });
    many(&mut scene, 6);
    for reply in [
        Reply::error(429).retry_after_seconds(3600),
        Reply::error(429).retry_after_date(Duration::from_secs(3600)),
    ] {
        let fault = scene.api.fault(Fault::once(
            On::from(Route::Create).nth(2),
            FaultKind::Status(reply),
        ));
        scene.api.clear_requests();
        let started = Instant::now();
        scene.apply_ok();
        assert!(started.elapsed() < HANGS_AFTER, "the hour was waited for");
        let requests = scene.api.requests();
        let struck = requests.iter().find(|seen| seen.status == Some(429));
        let limited = struck.expect("a 429").ended.expect("it was answered");
        let later = requests.iter().map(|seen| seen.arrived);
        let resumed = later.filter(|arrived| *arrived > limited).min();
        let waited = resumed.expect("more came").duration_since(limited);
        // The clocks of two tasks may differ by a tick.
        assert!(
            waited + Duration::from_millis(20) >= max_backoff,
            "somebody did not wait: {waited:?}"
        );
        assert_eq!(scene.count(Route::Create), 7, "six, and one again");
        assert_eq!(scene.ids_in_state(), scene.ids_in_api());
        let result = scene.ws.destroy();
        let output = scene.check(result);
        assert!(!output.failed, "{}", output.text);
        assert_eq!(scene.api.count(), 0);
        scene.api.clear_fault(fault);
    }
    scene.finish();
}

pub(super) fn no_more_requests_at_once_than_configured() {
    let mut scene = Scene::new(Pace {
        concurrent: 3,
        ..Pace::default()
    });
    // A request takes long enough for others to come meanwhile.
    scene
        .api
        .behave(|b| b.latency = Some(Duration::from_millis(30)));
    scene.ws.cli = scene.ws.cli.clone().parallelism(10);
    many(&mut scene, 20);
    scene.apply_ok();
    assert_eq!(scene.api.peak_in_flight(), 3);
    assert_eq!(scene.ids_in_state().len(), 20);
    assert_eq!(scene.ids_in_state(), scene.ids_in_api());
    scene.no_changes();
    scene.finish();
}
