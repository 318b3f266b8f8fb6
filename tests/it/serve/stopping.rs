//! SIGTERM: it stops in seconds, lets go of what it holds, and the next one goes on.

use std::time::{Duration, Instant};

use super::alpha::{Place, assert_discreet, is_logged, left_over};
use super::slack::REQUESTS;
use super::until;

#[test]
fn told_to_stop_it_ends_well_in_seconds_and_the_next_one_goes_on() {
    let place = Place::new();
    let alpha = place.start();
    let answer = place.slash("U0RILEY", "analyze ci-deployer", "ask.1").unwrap();
    let text = answer.json()["text"].as_str().unwrap().to_owned();
    let job =
        text.split_whitespace().find(|word| word.starts_with("j-")).unwrap().trim_end_matches('.').to_owned();
    let clicked =
        until("the card is there", Duration::from_secs(30), || place.click("U0ANA", &job, "approve", "ok.1"));
    assert_eq!(clicked.unwrap().status, 200);
    until("the rollout has begun", Duration::from_secs(30), || {
        let status = place.slash("U0RILEY", &format!("status {job}"), "look.1").unwrap().body;
        status.contains("Staging").then_some(())
    });
    let since = Instant::now();
    alpha.terminate();
    let (status, said) = alpha.wait(Duration::from_secs(15));
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    assert!(is_logged(&said, "INFO", "\"message\":\"stopped\""), "{said}");
    assert_discreet(&said);

    let alpha = place.start();
    until("the outcome is told", Duration::from_mins(1), || {
        place.slack.deliveries(REQUESTS).contains_key(&format!("{job}:outcome/0")).then_some(())
    });
    let status = place.slash("U0RILEY", &format!("status {job}"), "look.2").unwrap().body;
    assert!(status.contains("Succeeded"), "{status}");
    assert_eq!(left_over(&place.store()), [""; 0]);
    alpha.terminate();
    let (status, said) = alpha.wait(Duration::from_secs(15));
    assert_eq!(status.code(), Some(0), "{said}");
    assert_discreet(&said);
}

#[test]
fn operators_are_told_whether_it_runs_can_work_and_how_it_fares() {
    let place = Place::new();
    let alpha = place.start();
    let get = |path: &str| {
        let answer = place.get(path).unwrap();
        (answer.status, answer.body)
    };
    assert_eq!(get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(get("/readyz"), (200, "ready\n".to_owned()));
    place.slash("U0RILEY", "help", "help.1").unwrap();
    let (status, metrics) = get("/metrics");
    assert_eq!(status, 200);
    for line in [
        "alpha_requests_total{route=\"/slack/commands\",status=\"200\"} 1",
        "alpha_store_up 1",
        "alpha_jobs{state=\"Succeeded\"} 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
    assert_discreet(&alpha.said());
}
