use super::*;

const POST: Method = Method::ChatPostMessage;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + milliseconds).unwrap()
}

fn channel(name: &str) -> ChannelId {
    ChannelId::new(name)
}

fn slow(burst: u32) -> Pacing {
    Pacing::new(Limits { post_burst: burst, running: 100, tiers: false, ..Limits::default() })
}

fn wait(turn: Turn) -> u128 {
    match turn {
        Turn::In(wait) => wait.as_millis(),
        Turn::Later(then) => panic!("sent away until {then}"),
    }
}

fn back(turn: Turn) -> Timestamp {
    match turn {
        Turn::Later(then) => then,
        Turn::In(wait) => panic!("let in after {wait:?}"),
    }
}

#[test]
fn a_channel_takes_a_few_posts_at_once_and_then_one_a_second() {
    let mut pacing = slow(2);
    let one = channel("C1");
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 0);
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 0);
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 1_000);
    assert_eq!(wait(pacing.ask(POST, &one, at(1_000))), 1_000);
    // After a silence all is as at the beginning.
    assert_eq!(wait(pacing.ask(POST, &one, at(9_000))), 0);
    assert_eq!(wait(pacing.ask(POST, &one, at(9_000))), 0);
}

#[test]
fn who_would_wait_long_comes_back_one_after_the_other() {
    let mut pacing = slow(1);
    let one = channel("C1");
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 0);
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 1_000);
    let times: Vec<Timestamp> = (0..3).map(|_| back(pacing.ask(POST, &one, at(0)))).collect();
    assert_eq!(times, [at(2_000), at(3_000), at(4_000)]);
    // Each finds a place when it comes back.
    for then in times {
        assert_eq!(wait(pacing.ask(POST, &one, then)), 0);
    }
}

#[test]
fn one_channel_holds_up_no_other() {
    let mut pacing = slow(1);
    let (one, other) = (channel("C1"), channel("C2"));
    for _ in 0..10 {
        pacing.ask(POST, &one, at(0));
    }
    assert_eq!(wait(pacing.ask(POST, &other, at(0))), 0);
}

#[test]
fn a_channel_in_which_calls_hang_keeps_only_a_few_busy() {
    let mut pacing = Pacing::new(Limits { running: 2, ..Limits::none() });
    let (one, other) = (channel("C1"), channel("C2"));
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 0);
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 0);
    assert!(back(pacing.ask(POST, &one, at(0))) > at(0));
    assert_eq!(wait(pacing.ask(POST, &other, at(0))), 0);
    pacing.done(&one);
    assert_eq!(wait(pacing.ask(POST, &one, at(0))), 0);
}

#[test]
fn what_slack_asks_to_wait_is_waited_in_that_channel_for_posts() {
    let mut pacing = slow(5);
    let (one, other) = (channel("C1"), channel("C2"));
    pacing.pause(POST, &one, at(30_000));
    pacing.pause(POST, &one, at(10_000));
    assert_eq!(back(pacing.ask(POST, &one, at(0))), at(30_000));
    assert_eq!(wait(pacing.ask(POST, &other, at(0))), 0);
    assert_eq!(wait(pacing.ask(Method::ChatUpdate, &one, at(0))), 0);
    assert_eq!(wait(pacing.ask(POST, &one, at(30_000))), 0);
}

#[test]
fn what_slack_asks_to_wait_is_waited_everywhere_for_other_methods() {
    let mut pacing = slow(5);
    pacing.pause(Method::ChatUpdate, &channel("C1"), at(5_000));
    assert_eq!(back(pacing.ask(Method::ChatUpdate, &channel("C2"), at(0))), at(5_000));
    assert_eq!(wait(pacing.ask(POST, &channel("C2"), at(0))), 0);
}

#[test]
fn a_tier_is_kept_to_over_all_channels() {
    let mut pacing = Pacing::new(Limits { running: 100, ..Limits::default() });
    let mut went = 0;
    for minute in 0..60_i64 {
        for place in 0..10 {
            let turn =
                pacing.ask(Method::ReactionsRemove, &channel(&format!("C{place}")), at(minute * 1_000));
            went += u32::from(matches!(turn, Turn::In(_)));
        }
    }
    // Half of the tier at once, and its rate over the minute, and what waits in place at its end.
    assert!((20..=31).contains(&went), "{went}");
}

#[test]
fn idle_channels_are_forgotten_and_busy_ones_are_not() {
    let mut pacing = slow(1);
    let busy = channel("busy");
    pacing.ask(POST, &busy, at(0));
    for number in 0..3_000_i64 {
        let name = channel(&format!("C{number}"));
        pacing.ask(POST, &name, at(number * 10));
        pacing.done(&name);
    }
    assert!(pacing.channels.len() <= CHANNELS, "{}", pacing.channels.len());
    assert!(pacing.channels.contains_key(&busy));
}

#[test]
fn nobody_is_sent_away_for_long_by_those_before_them() {
    let mut pacing = slow(1);
    let one = channel("C1");
    for _ in 0..500 {
        pacing.ask(POST, &one, at(0));
    }
    assert_eq!(back(pacing.ask(POST, &one, at(0))), at(30_000));
}
