use super::*;

fn split_by(input: &[u8], step: usize) -> (Vec<String>, Result<(), Broken>) {
    let mut splitter = Splitter::new();
    let mut records = Vec::new();
    let mut rest = input;
    loop {
        let room = splitter.room();
        let count = rest.len().min(step).min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        splitter.filled(count);
        let outcome = splitter.drain(|record, at| {
            let at = usize::try_from(at).unwrap();
            assert_eq!(&input[at..at + record.len()], record.as_bytes(), "the place is the stream's");
            records.push(record.to_owned());
            Ok(())
        });
        if outcome.is_err() || count == 0 {
            return (records, outcome);
        }
    }
}

fn split(input: &str) -> Vec<String> {
    let (whole, outcome) = split_by(input.as_bytes(), usize::MAX);
    assert_eq!(outcome, Ok(()), "{input}");
    for step in [1, 2, 3, 7] {
        assert_eq!(split_by(input.as_bytes(), step), (whole.clone(), Ok(())), "{input} by {step}");
    }
    whole
}

#[test]
fn every_form_gives_its_records_however_the_bytes_arrive() {
    let (a, b) = (r#"{"a":"}]\"\\","n":{"x":[1,{}]}}"#, r#"{"b":"é\u00e9"}"#);
    let two = vec![a.to_owned(), b.to_owned()];
    for input in [
        format!(r#"{{"Records":[{a},{b}]}}"#),
        format!("\u{feff}{{ \"Records\" : [ {a} ,\n{b} ] }}\n"),
        format!(r#"{{"NextToken":"[{{","x":{{"y":[1]}},"n":null,"Events":[{a},{b}],"t":1 , "u":true}}"#),
        format!("[{a},{b}]"),
        format!("{a}\n{b}\n"),
        format!("\r\n {a} \r\n\r\n{b}"),
        format!("{a}{b}"),
    ] {
        assert_eq!(split(&input), two, "{input}");
    }
    assert_eq!(split(a), [a]);
}

#[test]
fn an_empty_list_is_no_record_and_no_error() {
    for input in ["[]", r#"{"Records":[]}"#, r#"{"Records": [ ] , "x": 1}"#] {
        assert_eq!(split(input), Vec::<String>::new(), "{input}");
    }
}

#[test]
fn a_record_that_speaks_of_records_is_one_record() {
    let record = r#"{"eventName":"PutObject","requestParameters":{"Records":[{"a":1}],"Events":"x"}}"#;
    assert_eq!(split(record), [record]);
    let record = r#"{"Records":"none","eventName":"X"}"#;
    assert_eq!(split(record), [record]);
}

#[test]
fn broken_input_is_named_by_its_byte_and_what_came_before_stands() {
    let cases: [(&[u8], usize, Broken); 14] = [
        (b"", 0, Broken::Empty),
        (b" \n\t", 0, Broken::Empty),
        (br#"{"Records":[{"a":1},{"b":"#, 1, Broken::Truncated { at: 20 }),
        (br#"{"Records":[{"a":1}"#, 1, Broken::Truncated { at: 19 }),
        (br#"{"Records":[{"a":1}]"#, 1, Broken::Truncated { at: 20 }),
        (br#"{"a":1}{"b":"x"#, 1, Broken::Truncated { at: 7 }),
        (b"hello", 0, Broken::Unexpected { at: 0, expected: "an object or an array" }),
        (b"{\"a\":1} x", 1, Broken::Unexpected { at: 8, expected: "an object or an array" }),
        (b"[1]", 0, Broken::Unexpected { at: 1, expected: "a record, which is an object," }),
        (b"[{\"a\":1} {}]", 1, Broken::Unexpected { at: 9, expected: "a comma or the end of the list" }),
        (b"[{\"a\":1},]", 1, Broken::Unexpected { at: 9, expected: "a record, which is an object," }),
        (
            br#"{"Records":[] x}"#,
            0,
            Broken::Unexpected { at: 14, expected: "a comma or the end of the object" },
        ),
        (b"[{\"a\":1},{\"b\":\"\xff\"}]", 1, Broken::Encoding { at: 15 }),
        (b"[{\"a\":1},{\"b\":\"\xc3", 1, Broken::Encoding { at: 15 }),
    ];
    for (input, records, broken) in cases {
        for step in [1, 5, usize::MAX] {
            let (found, outcome) = split_by(input, step);
            let name = String::from_utf8_lossy(input);
            assert_eq!(outcome, Err(broken.clone()), "{name} by {step}");
            assert_eq!(found.len(), records, "{name} by {step}");
        }
    }
}

#[test]
fn hostile_nesting_is_refused_where_it_becomes_too_deep() {
    let deep = format!("[{{\"a\":{}", "[".repeat(10_000));
    let (_, outcome) = split_by(deep.as_bytes(), usize::MAX);
    assert!(matches!(outcome, Err(Broken::TooDeep { at: 133 })), "{outcome:?}");
    let (_, outcome) = split_by("[".repeat(10_000).as_bytes(), usize::MAX);
    assert!(matches!(outcome, Err(Broken::Unexpected { at: 1, .. })), "{outcome:?}");
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_one_within_it_is_read() {
    let fits = format!("[{{\"a\":\"{}\"}}]", "x".repeat(3 << 20));
    assert_eq!(split_by(fits.as_bytes(), usize::MAX).0.len(), 1);
    let large = format!("[{{\"a\":\"{}\"}}]", "x".repeat(MAX_RECORD + (1 << 20)));
    let (_, outcome) = split_by(large.as_bytes(), usize::MAX);
    assert_eq!(outcome, Err(Broken::TooLarge { at: 1 }));
}

/// Cuts as a reader does, which refuses what isn't JSON.
fn read_by(input: &str, step: usize) -> (Vec<String>, Result<(), Broken>) {
    let (mut splitter, mut records, mut rest) = (Splitter::new(), Vec::new(), input.as_bytes());
    loop {
        let room = splitter.room();
        let count = rest.len().min(step).min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        splitter.filled(count);
        let outcome = splitter.drain(|record, at| {
            let malformed = |error: serde_json::Error| Broken::Malformed { at, reason: error.to_string() };
            serde_json::from_str::<serde::de::IgnoredAny>(record).map_err(malformed)?;
            records.push(record.to_owned());
            Ok(())
        });
        if outcome.is_err() || count == 0 {
            return (records, outcome);
        }
    }
}

#[test]
fn what_looks_like_the_next_record_within_a_record_is_not_taken_for_it() {
    let records = [
        r#"{"k":1}"#,
        r#"{"k":2}"#,
        r#"{"k":[{"k":3},{"k":4}]}"#,
        r#"{"k":5,"text":"},{\"k\":"}"#,
        r#"{"k":6}"#,
        r#"{"other":7}"#,
        r#"{"k":8,"last":[{"k":9},{"k":10}]}"#,
    ];
    for between in [",", " ,\n "] {
        let log = format!("{{\"Records\":[{}]}}", records.join(between));
        for step in [1, 9, 40, usize::MAX] {
            assert_eq!(read_by(&log, step), (records.map(str::to_owned).to_vec(), Ok(())), "{log} by {step}");
        }
    }
}

#[test]
fn a_broken_record_among_like_ones_is_named_and_those_before_it_stand() {
    let log = r#"[{"k":1},{"k":2},{"k":3},{"k":x},{"k":5}]"#;
    for step in [1, 9, usize::MAX] {
        let (records, outcome) = read_by(log, step);
        assert_eq!(records.len(), 3, "by {step}");
        assert!(matches!(outcome, Err(Broken::Malformed { at: 25, .. })), "{outcome:?}");
    }
}

#[test]
fn nesting_is_refused_at_the_same_place_wherever_the_record_stands() {
    let deep = format!(r#"{{"k":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let log = format!(r#"[{{"k":1}},{{"k":2}},{{"k":3}},{deep},{{"k":5}}]"#);
    for step in [9, usize::MAX] {
        let (records, outcome) = read_by(&log, step);
        assert_eq!((records.len(), outcome), (3, Err(Broken::TooDeep { at: 25 + 5 + 127 })), "by {step}");
    }
}
