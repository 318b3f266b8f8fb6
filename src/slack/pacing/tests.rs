use super::*;

const POST: Method = Method::ChatPostMessage;

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + milliseconds).unwrap()
}

fn channel(name: &str) -> ChannelId {
    ChannelId::new(name)
}

/// Asks for a call of a row of that number.
fn ask(pacing: &mut Pacing, row: u32, method: Method, channel: &ChannelId, now: Timestamp) -> Turn {
    let row = DeliveryId::new(row.to_string());
    pacing.ask(Call { row: &row, method, channel, patient: false }, now)
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
    for (row, now, expected) in
        [(1, 0, 0), (2, 0, 0), (3, 0, 1_000), (4, 1_000, 1_000), (5, 9_000, 0), (6, 9_000, 0)]
    {
        // After a silence all is as at the beginning.
        assert_eq!(wait(ask(&mut pacing, row, POST, &one, at(now))), expected, "{row}");
    }
}

#[test]
fn who_would_wait_long_comes_back_one_after_the_other() {
    let mut pacing = slow(1);
    let one = channel("C1");
    assert_eq!(wait(ask(&mut pacing, 1, POST, &one, at(0))), 0);
    assert_eq!(wait(ask(&mut pacing, 2, POST, &one, at(0))), 1_000);
    let times: Vec<_> = (3..6).map(|row| back(ask(&mut pacing, row, POST, &one, at(0)))).collect();
    assert_eq!(times, [at(2_000), at(3_000), at(4_000)]);
    for (row, then) in (3..6).zip(times) {
        // Whoever comes too early comes back when it is their turn, and nobody who comes later goes first.
        assert_eq!(back(ask(&mut pacing, row, POST, &one, at(0))), then);
        assert!(matches!(ask(&mut pacing, 10 + row, POST, &one, then), Turn::Later(_)));
        assert_eq!(wait(ask(&mut pacing, row, POST, &one, then)), 0);
    }
}

#[test]
fn ten_thousand_posts_to_one_channel_come_back_once_each_and_hold_up_no_other() {
    let mut pacing = Pacing::new(Limits { running: 100, ..Limits::default() });
    let (one, other) = (channel("C1"), channel("C2"));
    let mut asked = 0;
    let mut waiting: std::collections::BTreeMap<Timestamp, Vec<u32>> =
        [(at(0), (0..10_000).collect())].into();
    let mut last = None;
    while let Some((now, rows)) = waiting.pop_first() {
        for row in rows {
            asked += 1;
            match ask(&mut pacing, row, POST, &one, now) {
                Turn::In(_) => {
                    pacing.done(POST, &one);
                    assert_eq!(Some(row), last.map_or(Some(0), |last: u32| Some(last + 1)), "in order");
                    last = Some(row);
                }
                Turn::Later(then) => waiting.entry(then).or_default().push(row),
            }
        }
        assert_eq!(wait(ask(&mut pacing, 99_999, POST, &other, now)), 0);
        pacing.done(POST, &other);
    }
    assert_eq!(last, Some(9_999));
    assert!(asked <= 20_000, "{asked}");
}

#[test]
fn one_channel_holds_up_no_other() {
    let mut pacing = slow(1);
    let (one, other) = (channel("C1"), channel("C2"));
    for row in 0..10 {
        ask(&mut pacing, row, POST, &one, at(0));
    }
    assert_eq!(wait(ask(&mut pacing, 10, POST, &other, at(0))), 0);
}

#[test]
fn a_channel_in_which_calls_hang_keeps_only_a_few_busy() {
    let mut pacing = Pacing::new(Limits { running: 2, ..Limits::none() });
    let (one, other) = (channel("C1"), channel("C2"));
    assert_eq!(wait(ask(&mut pacing, 1, POST, &one, at(0))), 0);
    assert_eq!(wait(ask(&mut pacing, 2, POST, &one, at(0))), 0);
    assert!(back(ask(&mut pacing, 3, POST, &one, at(0))) > at(0));
    assert_eq!(wait(ask(&mut pacing, 4, POST, &other, at(0))), 0);
    // Posts that hang hold up no change.
    assert_eq!(wait(ask(&mut pacing, 5, Method::ChatUpdate, &one, at(0))), 0);
    pacing.done(POST, &one);
    assert_eq!(wait(ask(&mut pacing, 3, POST, &one, at(0))), 0);
}

#[test]
fn what_slack_asks_to_wait_is_waited_in_that_channel_for_posts() {
    let mut pacing = slow(5);
    let (one, other) = (channel("C1"), channel("C2"));
    pacing.pause(POST, &one, at(0), at(30_000));
    pacing.pause(POST, &one, at(0), at(10_000));
    assert_eq!(back(ask(&mut pacing, 1, POST, &one, at(0))), at(30_000));
    assert_eq!(wait(ask(&mut pacing, 2, POST, &other, at(0))), 0);
    assert_eq!(wait(ask(&mut pacing, 3, Method::ChatUpdate, &one, at(0))), 0);
    assert_eq!(wait(ask(&mut pacing, 1, POST, &one, at(30_000))), 0);
}

#[test]
fn who_waits_when_slack_asks_to_wait_does_so_for_longer_in_the_same_order() {
    let mut pacing = slow(1);
    let one = channel("C1");
    let row = |number: u32| DeliveryId::new(number.to_string());
    for number in 0..3 {
        ask(&mut pacing, number, POST, &one, at(0));
    }
    for number in [3, 4] {
        back(ask(&mut pacing, number, POST, &one, at(0)));
    }
    // The first two find out that it was too much, one after the other.
    for (number, now, end) in [(0, 100, 30_100), (1, 1_100, 31_100)] {
        pacing.pause(POST, &one, at(now), at(end));
        let id = row(number);
        pacing.again(Call { row: &id, method: POST, channel: &one, patient: false }, at(now));
    }
    let back = |pacing: &mut Pacing, number| back(ask(pacing, number, POST, &one, at(1_100)));
    let first = [0, 1].map(|number| back(&mut pacing, number));
    assert_eq!(first, [at(31_100), at(32_100)]);
    let then = [3, 4, 5].map(|number| back(&mut pacing, number));
    assert!(then[0] >= at(33_100) && then[1] > then[0] && then[2] > then[1], "{then:?}");
}

#[test]
fn what_slack_asks_to_wait_is_waited_everywhere_for_other_methods() {
    let mut pacing = slow(5);
    pacing.pause(Method::ChatUpdate, &channel("C1"), at(0), at(5_000));
    assert_eq!(back(ask(&mut pacing, 1, Method::ChatUpdate, &channel("C2"), at(0))), at(5_000));
    assert_eq!(wait(ask(&mut pacing, 2, POST, &channel("C2"), at(0))), 0);
}

#[test]
fn a_tier_is_kept_to_over_all_channels() {
    let mut pacing = Pacing::new(Limits { running: 100, ..Limits::default() });
    let mut went = 0;
    for second in 0..60_u32 {
        for place in 0..10 {
            let (row, channel) = (second * 10 + place, channel(&format!("C{place}")));
            let turn =
                ask(&mut pacing, row, Method::ReactionsRemove, &channel, at(i64::from(second) * 1_000));
            went += u32::from(matches!(turn, Turn::In(_)));
        }
    }
    // Half of the tier at once; all who came after them have a place, and didn't come back for it.
    assert_eq!(went, 10);
}

#[test]
fn what_nobody_waits_for_never_stands_in_the_way() {
    let mut pacing = Pacing::new(Limits { running: 1_000, ..Limits::default() });
    let one = channel("C1");
    for number in 0..500_u32 {
        let row = DeliveryId::new(number.to_string());
        pacing.ask(Call { row: &row, method: Method::ChatUpdate, channel: &one, patient: true }, at(0));
    }
    assert_eq!(wait(ask(&mut pacing, 500, Method::ChatUpdate, &one, at(0))), 0);
}

#[test]
fn idle_channels_are_forgotten_and_busy_ones_are_not() {
    let mut pacing = slow(1);
    let busy = channel("busy");
    for row in 0..100 {
        ask(&mut pacing, row, POST, &busy, at(0));
    }
    for number in 0..3_000 {
        let name = channel(&format!("C{number}"));
        ask(&mut pacing, 1_000 + number, POST, &name, at(i64::from(number) * 10));
        pacing.done(POST, &name);
    }
    assert!(pacing.channels.len() <= CHANNELS, "{}", pacing.channels.len());
    assert!(pacing.channels.contains_key(&busy));
}
