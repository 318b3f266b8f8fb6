//! What Slack sends, over real connections: each rule of the ingress, from bytes in to bytes out.

mod server;
mod store;
mod world;

use std::io::{Read, Write};
use std::sync::atomic::Ordering;
use std::time::Duration;

use alpha::domain::receipt::{Button, Said};
use alpha::http::Limits;
use serde_json::{Value, json};

use server::{Request, Server, Signature, read};

const CLICK: &str = include_str!("../../fixtures/slack/block_actions.json");
const DENIAL: &str = include_str!("../../fixtures/slack/view_submission_deny.json");
const CLOSED: &str = include_str!("../../fixtures/slack/view_closed.json");
const MENTION: &str = include_str!("../../fixtures/slack/app_mention.json");
const VERIFICATION: &str = include_str!("../../fixtures/slack/url_verification.json");

#[test]
fn a_signed_command_is_answered_at_once_to_whoever_asked() {
    let server = Server::start();
    let answer = server.send(&Request::command("help"));
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
    let said = answer.json();
    assert_eq!(said["response_type"], "ephemeral");
    assert!(said["text"].as_str().unwrap().contains("analyze &lt;role name or ARN&gt;"), "{said}");
    assert_eq!(
        server.metric("alpha_requests_total{route=\"/slack/commands\",status=\"200\"}").as_deref(),
        Some("1")
    );
}

#[test]
fn what_a_person_typed_mentions_nobody_on_the_way_back() {
    let server = Server::start();
    for typed in ["<!channel>", "<@U1>", "frob <!here|x> \u{202e}"] {
        let answer = server.send(&Request::command(typed)).body;
        assert!(!answer.contains(['<', '>', '\u{202e}']), "{answer}");
    }
}

#[test]
fn names_in_an_answer_are_no_markup() {
    let server = Server::start();
    let answer = server.send(&Request::command("analyze _x_@a")).json();
    assert!(answer["text"].as_str().unwrap().contains(" _x_@a "), "{answer}");
    assert_eq!((&answer["response_type"], &answer["mrkdwn"]), (&json!("ephemeral"), &json!(false)));
}

#[test]
fn what_isnt_signed_right_gets_an_empty_401_and_is_counted_by_class() {
    let server = Server::start();
    let right = || Request::command("analyze ci-deployer");
    let signature = |given| Request { signature: Signature::Given(given), ..right() };
    let timestamp = |timestamp: String| Request { timestamp: Some(timestamp), ..right() };
    let now = 1_767_225_600;
    for (request, class) in [
        (Request { signature: Signature::Missing, ..right() }, "unsigned"),
        (signature("v0=00"), "bad_signature"),
        (signature("v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"), "bad_signature"),
        (signature("v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"), "mismatch"),
        (Request { secret: "another", ..right() }, "mismatch"),
        (Request { secret: "", ..right() }, "mismatch"),
        (timestamp((now - 301).to_string()), "stale"),
        (timestamp((now + 301).to_string()), "stale"),
        (timestamp("soon".to_owned()), "bad_timestamp"),
    ] {
        let metric = format!("alpha_refused_total{{reason=\"{class}\"}}");
        let before: u32 = server.metric(&metric).map_or(0, |count| count.parse().unwrap());
        let answer = server.send(&request);
        assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{class}");
        assert_eq!(server.metric(&metric), Some((before + 1).to_string()));
    }
    for at in [now - 300, now + 300] {
        assert_eq!(server.send(&timestamp(at.to_string())).status, 200);
    }
    assert_eq!(server.secrets.looks.load(Ordering::SeqCst), 1, "bad signatures don't hammer the secrets");
}

#[test]
fn a_body_changed_by_one_byte_is_refused() {
    let server = Server::start();
    let request = Request::command("analyze ci-deployer");
    let mut bytes = request.bytes(&server.clock);
    *bytes.last_mut().unwrap() ^= 1;
    let mut stream = server.connect();
    stream.write_all(&bytes).unwrap();
    assert_eq!(read(&mut stream).status, 401);
    assert_eq!(server.store.len(), 0);
}

#[test]
fn a_body_declared_too_large_is_refused_before_it_is_sent() {
    let server = Server::start();
    for (path, cap) in
        [("/slack/commands", 65_536), ("/slack/interactions", 262_144), ("/slack/events", 262_144)]
    {
        let mut stream = server.connect();
        stream.write_all(Request::to(path, "").head(&server.clock, cap + 1).as_bytes()).unwrap();
        let answer = read(&mut stream);
        assert_eq!((answer.status, answer.body.as_str()), (413, ""), "{path}");
    }
    assert_eq!(server.metric("alpha_refused_total{reason=\"too_large\"}").as_deref(), Some("3"));
}

#[test]
fn a_body_that_turns_out_too_large_is_refused_and_one_that_fits_exactly_is_read() {
    let server = Server::start();
    let mut body = Request::command("help").body;
    body.extend_from_slice(b"&padding=");
    body.resize(65_536, b'x');
    for chunked in [false, true] {
        let fits = Request { chunked, ..Request::to("/slack/commands", &body) };
        assert_eq!(server.send(&fits).status, 200, "chunked: {chunked}");
    }
    body.push(b'x');
    let too_large = Request { chunked: true, ..Request::to("/slack/commands", &body) };
    // The last piece of no length is held back: what is refused is refused before the end.
    let bytes = too_large.bytes(&server.clock);
    let mut stream = server.connect();
    stream.write_all(bytes.strip_suffix(b"0\r\n\r\n").unwrap()).unwrap();
    assert_eq!(read(&mut stream).status, 413);
}

#[test]
fn other_kinds_methods_and_paths_are_refused_for_what_they_are() {
    let server = Server::start();
    for media in
        [None, Some("application/json"), Some("text/plain"), Some("application/x-www-form-urlencodedx")]
    {
        assert_eq!(server.send(&Request { media, ..Request::command("help") }).status, 415, "{media:?}");
    }
    for signature in [Signature::Missing, Signature::Given("v0=00")] {
        for media in [None, Some("text/plain")] {
            for path in ["/slack/commands", "/slack/interactions", "/slack/events"] {
                let request = Request { media, signature: signature.clone(), ..Request::to(path, "x=1") };
                let answer = server.send(&request);
                assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{path} {media:?}");
            }
        }
    }
    let media = Some("Application/X-WWW-Form-Urlencoded; charset=utf-8");
    assert_eq!(server.send(&Request { media, ..Request::command("help") }).status, 200);
    for (method, path) in
        [("GET", "/slack/commands"), ("PUT", "/slack/events"), ("POST", "/healthz"), ("GET", "/link")]
    {
        assert_eq!(server.send(&Request { method, ..Request::to(path, "") }).status, 405, "{method} {path}");
    }
    for path in ["/", "/slack", "/slack/commands/", "/slack/commands/x", "/../etc/passwd"] {
        let answer = server.send(&Request::to(path, ""));
        assert_eq!((answer.status, answer.body.as_str()), (404, ""), "{path}");
    }
}

#[test]
fn what_this_server_isnt_set_up_for_says_so() {
    let server = Server::start();
    for path in ["/slack/install", "/slack/oauth/callback?code=1"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404);
        assert!(answer.body.contains("one workspace"), "{}", answer.body);
    }
    let answer = server.send(&Request::to("/link", "x"));
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("approvers file"), "{}", answer.body);
}

#[test]
fn the_challenge_comes_back_only_where_its_signature_is_right() {
    let server = Server::start();
    let right = || Request::to("/slack/events", VERIFICATION);
    let answer = server.send(&right());
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")
    );
    let answer = server.send(&Request { secret: "another", ..right() });
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
}

#[test]
fn a_check_of_our_certificate_is_answered_and_nothing_is_done() {
    let server = Server::start();
    let answer = server.send(&Request::to("/slack/commands", "ssl_check=1&token=x"));
    assert_eq!((answer.status, answer.body.as_str(), server.store.len()), (200, "", 0));
}

#[test]
fn a_check_of_our_certificate_needs_no_signature_and_opens_no_way_around_one() {
    let server = Server::start();
    let check = || Request::to("/slack/commands", "ssl_check=1&token=x");
    for request in [
        Request { signature: Signature::Missing, ..check() },
        Request { signature: Signature::Given("v0=00"), ..check() },
        Request { secret: "another", ..check() },
        Request { signature: Signature::Missing, chunked: true, ..check() },
    ] {
        let answer = server.send(&request);
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }
    let mut large = b"ssl_check=1&padding=".to_vec();
    large.resize(5_000, b'x');
    let (large, events) =
        (Request::to("/slack/commands", &large), Request::to("/slack/events", "ssl_check=1"));
    let interactions = Request::to("/slack/interactions", "ssl_check=1");
    let other = Request::to("/slack/commands", "ssl_check=0&team_id=T1");
    for request in [large, events, interactions, other] {
        for chunked in [false, true] {
            let request = Request { signature: Signature::Missing, chunked, ..request.clone() };
            let answer = server.send(&request);
            assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{} {chunked}", request.path);
        }
    }
    assert_eq!((server.store.len(), server.secrets.looks.load(Ordering::SeqCst)), (0, 0));
}

#[test]
fn an_unsigned_body_that_never_ends_is_cut_off() {
    let soon = Duration::from_millis(200);
    let server = Server::within(Limits { body_within: soon, ..Limits::default() });
    let request = Request { signature: Signature::Missing, ..Request::to("/slack/commands", "ssl_check=1") };
    let mut stream = server.connect();
    stream.write_all(request.head(&server.clock, 100).as_bytes()).unwrap();
    stream.write_all(b"ssl_check=1&").unwrap();
    assert_eq!(read(&mut stream).status, 408);
}

#[test]
fn a_click_is_stored_before_it_is_acknowledged_and_once_however_often_it_comes() {
    let server = Server::start();
    for _ in 0..3 {
        let answer = server.send(&Request::payload(CLICK));
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        assert_eq!(server.store.len(), 1);
    }
    let said = server.store.receipts.lock().unwrap()[0].said.clone();
    assert!(matches!(said, Said::Click { button: Button::Approve, .. }));
    assert_eq!(server.metric("alpha_inbox").as_deref(), Some("1"));
}

#[test]
fn an_event_that_slack_sends_again_is_taken_once_and_acknowledged_each_time() {
    let server = Server::start();
    for attempt in 0..4 {
        let headers = match attempt {
            0 => Vec::new(),
            _ => vec![
                ("X-Slack-Retry-Num".to_owned(), attempt.to_string()),
                ("X-Slack-Retry-Reason".to_owned(), "http_timeout".to_owned()),
            ],
        };
        let answer = server.send(&Request { headers, ..Request::to("/slack/events", MENTION) });
        assert_eq!((answer.status, server.store.len()), (200, 1));
    }
}

#[test]
fn an_event_that_first_comes_as_a_repetition_is_taken() {
    let server = Server::start();
    let headers = vec![("x-slack-retry-num".to_owned(), "2".to_owned())];
    assert_eq!(server.send(&Request { headers, ..Request::to("/slack/events", MENTION) }).status, 200);
    assert_eq!(server.store.len(), 1);
}

#[test]
fn a_form_without_a_reason_stays_open_and_says_why() {
    let server = Server::start();
    let mut payload: Value = serde_json::from_str(DENIAL).unwrap();
    payload["view"]["state"]["values"]["reason"]["reason"]["value"] = json!(" ");
    let answer = server.send(&Request::payload(&payload.to_string()));
    assert_eq!((answer.status, answer.json()["response_action"].as_str()), (200, Some("errors")));
    assert!(answer.json()["errors"]["reason"].as_str().unwrap().contains("why"));
    assert_eq!(server.store.len(), 0);
    let answer = server.send(&Request::payload(DENIAL));
    assert_eq!((answer.status, answer.body.as_str(), server.store.len()), (200, "", 1), "the form closes");
}

#[test]
fn what_isnt_for_us_is_acknowledged_and_what_makes_no_sense_is_not() {
    let server = Server::start();
    let mut foreign: Value = serde_json::from_str(CLICK).unwrap();
    foreign["actions"][0]["value"] = json!("approve everything");
    foreign["actions"][0]["action_id"] = json!("of_another_app");
    let news = r#"{"type":"function_executed","channel":"C1","message":"x","user":"U1"}"#;
    for payload in [r#"{"type":"brand_new"}"#, news, CLOSED, &foreign.to_string()] {
        let answer = server.send(&Request::payload(payload));
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{payload}");
    }
    for event in [
        json!({"type": "team_join", "user": {"id": "U1"}}),
        json!({"type": "channel_rename", "channel": {"id": "C1"}}),
    ] {
        let envelope = json!({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event});
        let answer = server.send(&Request::to("/slack/events", envelope.to_string()));
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{envelope}");
    }
    for request in [
        Request::payload("{"),
        Request::to("/slack/interactions", "text=help"),
        Request::to("/slack/commands", "text=help"),
        Request::to("/slack/events", "[]"),
    ] {
        let answer = server.send(&request);
        assert_eq!((answer.status, answer.body.as_str()), (400, ""), "{}", request.path);
    }
    assert_eq!(server.store.len(), 0);
}

#[test]
fn where_nothing_can_be_stored_people_are_told_and_slack_is_to_try_again() {
    let server = Server::start();
    server.store.fails.store(true, Ordering::SeqCst);
    let answer = server.send(&Request::command("analyze ci-deployer"));
    assert_eq!((answer.status, answer.json()["response_type"].as_str()), (200, Some("ephemeral")));
    let text = answer.json()["text"].as_str().unwrap().to_owned();
    assert!(
        text.contains("could not store this; nothing was done") && !text.contains("secret detail"),
        "{text}"
    );
    for request in [Request::payload(CLICK), Request::payload(DENIAL), Request::to("/slack/events", MENTION)]
    {
        let answer = server.send(&request);
        assert_eq!((answer.status, answer.body.as_str()), (503, ""), "{}", request.path);
    }
    server.store.fails.store(false, Ordering::SeqCst);
    assert_eq!(server.send(&Request::payload(CLICK)).status, 200, "what failed can be sent again");
    assert_eq!(server.store.len(), 1);
}

#[test]
fn where_storing_comes_to_no_end_slack_is_answered_while_it_waits() {
    let soon = Duration::from_millis(200);
    let server = Server::within(Limits { stored_within: soon, ..Limits::default() });
    server.store.hangs.store(true, Ordering::SeqCst);
    let answer = server.send(&Request::command("analyze ci-deployer"));
    assert_eq!((answer.status, answer.json()["response_type"].as_str()), (200, Some("ephemeral")));
    let text = answer.json()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("can't say yet") && !text.contains("nothing was done"), "{text}");
    for request in [Request::payload(CLICK), Request::to("/slack/events", MENTION)] {
        let answer = server.send(&request);
        assert_eq!((answer.status, answer.body.as_str()), (503, ""), "{}", request.path);
    }
}

#[test]
fn a_secret_that_was_rotated_is_found_on_the_first_mismatch() {
    let server = Server::start();
    server.secrets.rotate(&["new", server::SECRET]);
    for secret in ["new", server::SECRET, "new"] {
        assert_eq!(server.send(&Request { secret, ..Request::command("help") }).status, 200, "{secret}");
    }
    assert_eq!(server.secrets.looks.load(Ordering::SeqCst), 1);
}

#[test]
fn secrets_are_looked_up_at_most_once_in_thirty_seconds() {
    let server = Server::start();
    let forged = || Request { secret: "forged", ..Request::command("help") };
    for (seconds, looks) in [(0, 1), (0, 1), (29, 1), (1, 2), (0, 2), (30, 3)] {
        server.clock.pass(seconds);
        assert_eq!(server.send(&forged()).status, 401);
        assert_eq!(server.secrets.looks.load(Ordering::SeqCst), looks);
    }
    server.secrets.rotate(&["forged"]);
    assert_eq!(server.send(&forged()).status, 401, "not yet");
    server.clock.pass(30);
    assert_eq!(server.send(&forged()).status, 200, "it is a secret of ours now");
    assert_eq!(server.send(&Request::command("help")).status, 401, "and the old one is none any more");
}

#[test]
fn where_no_secret_is_known_nothing_is_believed_and_slack_is_to_try_again() {
    let server = Server::start();
    server.secrets.is_closed.store(true, Ordering::SeqCst);
    let answer = server.send(&Request::to("/slack/events", MENTION));
    assert_eq!((answer.status, answer.body.as_str(), server.store.len()), (503, "", 0));
    assert_eq!(server.get("/readyz").status, 503);
}

#[test]
fn operators_are_told_whether_it_runs_and_whether_it_can_work() {
    let server = Server::start();
    assert_eq!((server.get("/healthz").status, server.get("/readyz").status), (200, 200));
    assert_eq!(server.metric("alpha_store_up").as_deref(), Some("1"));
    server.store.fails.store(true, Ordering::SeqCst);
    let answer = server.get("/readyz");
    assert_eq!((server.get("/healthz").status, answer.status), (200, 503));
    assert!(!answer.body.contains("secret detail"));
    assert_eq!(server.metric("alpha_store_up").as_deref(), Some("0"));
}

#[test]
fn whoever_sends_too_slowly_is_cut_off() {
    let soon = Duration::from_millis(200);
    let server = Server::within(Limits { headers_within: soon, body_within: soon, ..Limits::default() });
    let request = Request::command("help");
    let mut slow_body = server.connect();
    slow_body.write_all(request.head(&server.clock, request.body.len()).as_bytes()).unwrap();
    slow_body.write_all(&request.body[..10]).unwrap();
    assert_eq!(read(&mut slow_body).status, 408);
    for begun in ["", "POST /slack/commands HTTP/1.1\r\nhost: al"] {
        let mut slow_head = server.connect();
        slow_head.write_all(begun.as_bytes()).unwrap();
        let mut rest = Vec::new();
        let _ = slow_head.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&rest));
    }
}

#[test]
fn too_many_or_too_large_headers_are_refused() {
    let server = Server::start();
    let many = (0..100).map(|at| (format!("x-{at}"), "y".to_owned())).collect();
    let large = vec![("x-large".to_owned(), "y".repeat(20_000))];
    for headers in [many, large] {
        let request = Request { headers, ..Request::command("help") };
        let mut stream = server.connect();
        let _ = stream.write_all(&request.bytes(&server.clock));
        assert_eq!(read(&mut stream).status, 431);
    }
}

#[test]
fn one_connection_takes_many_requests() {
    let server = Server::start();
    let mut stream = server.connect();
    for _ in 0..5 {
        stream.write_all(&Request::command("help").bytes(&server.clock)).unwrap();
        assert_eq!(read(&mut stream).status, 200);
    }
}

#[test]
fn told_to_stop_it_finishes_what_it_is_answering_and_takes_nothing_new() {
    let server = Server::start();
    let request = Request::command("help");
    let mut idle = server.connect();
    let mut busy = server.connect();
    idle.write_all(&request.bytes(&server.clock)).unwrap();
    assert_eq!(read(&mut idle).status, 200);
    // A request that continues only when told to shows that its head was read.
    let expecting = Request {
        headers: vec![("Expect".to_owned(), "100-continue".to_owned())],
        ..Request::command("help")
    };
    busy.write_all(expecting.head(&server.clock, request.body.len()).as_bytes()).unwrap();
    assert_eq!(read(&mut busy).status, 100);
    server.stop();
    let mut rest = Vec::new();
    assert_eq!(idle.read_to_end(&mut rest).unwrap(), 0, "an idle connection is closed");
    busy.write_all(&request.body).unwrap();
    assert_eq!(read(&mut busy).status, 200);
    server.join();
}
