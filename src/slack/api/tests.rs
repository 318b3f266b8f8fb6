use std::sync::Arc;

use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::domain::ids::{ChannelId, DeliveryId, MessageTs, UserId};
use crate::domain::secret::SecretKind;
use crate::ports::SecretsError;
use crate::slack::loopback::{Ending, Loopback, TOKEN};

async fn post(api: &Api) -> Result<PostedAt, ApiError> {
    let (channel, delivery) = (ChannelId::new("C1"), DeliveryId::new("d1"));
    let post = Post { channel: &channel, thread: None, text: "Hello.", blocks: &[], delivery: &delivery };
    api.post_message(&post).await
}

#[tokio::test]
async fn a_client_calls_nothing_before_it_is_asked_to() {
    let slack = Loopback::start().await;
    let api = slack.api();
    assert!(slack.state().requests.is_empty());
    assert_eq!(post(&api).await.unwrap().ts, MessageTs::new("1790000000.000001"));
}

#[tokio::test]
async fn a_post_bears_its_delivery_and_asks_for_no_previews() {
    let slack = Loopback::start().await;
    post(&slack.api()).await.unwrap();
    let request = slack.state().requests[0].clone();
    assert_eq!(request.authorization, Some(format!("Bearer {TOKEN}")));
    assert_eq!(
        request.params,
        json!({
            "channel": "C1",
            "text": "Hello.",
            "metadata": { "event_type": "alpha_delivery", "event_payload": { "delivery_id": "d1" } },
            "unfurl_links": false,
            "unfurl_media": false,
        })
    );
}

#[tokio::test]
async fn what_is_no_json_is_classed_by_its_status_and_headers() {
    let slack = Loopback::start().await;
    let api = slack.api();
    let html = "content-type: text/html\r\n";
    let seven = "content-type: text/html\r\nretry-after: 7\r\n";
    let json = "content-type: application/json\r\n";
    let retry = |after: Option<u64>| Class::RetryNotSent { after: after.map(Duration::from_secs) };
    for (ending, expected) in [
        (Ending::Raw(429, seven, "slow down"), retry(Some(7))),
        (Ending::Raw(429, html, "slow down"), retry(None)),
        (
            Ending::Raw(
                429,
                "content-type: application/json\r\nretry-after: 3\r\n",
                r#"{"ok":false,"error":"ratelimited"}"#,
            ),
            retry(Some(3)),
        ),
        (Ending::Raw(200, json, r#"{"ok":false,"error":"ratelimited"}"#), retry(None)),
        (Ending::Raw(500, html, "oops"), Class::Ambiguous),
        (Ending::Raw(503, json, "{}"), Class::Ambiguous),
        (Ending::Raw(200, html, "<h1>A proxy's login page</h1>"), Class::Ambiguous),
        (Ending::Raw(200, json, "{\"ok\":tr"), Class::Ambiguous),
        (Ending::Raw(200, json, "{\"ok\":true}"), Class::Ambiguous),
        (Ending::Raw(200, json, "{\"ok\":false}"), Class::Ambiguous),
        (Ending::Raw(302, "location: http://127.0.0.1:1/\r\n", ""), Class::Config),
        (Ending::Raw(404, html, "no such page"), Class::Config),
        (Ending::Close, Class::Ambiguous),
        (Ending::Hang, Class::Ambiguous),
        (Ending::Refuse("not_in_channel"), Class::Destination),
    ] {
        slack.next("chat.postMessage", ending.clone());
        assert_eq!(post(&api).await.unwrap_err().class(), expected, "{ending:?}");
    }
}

#[tokio::test]
async fn what_could_not_connect_was_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", free.local_addr().unwrap());
    drop(free);
    let api = Api::new(ApiUrl::parse(&url).unwrap(), Arc::new(BotToken::new(TOKEN).unwrap())).unwrap();
    let error = post(&api).await.unwrap_err();
    assert_eq!(error.class(), Class::RetryNotSent { after: None });
    assert_eq!(error.to_string(), "chat.postMessage: no connection");
}

#[tokio::test]
async fn who_we_are_is_asked_once_and_again_only_after_a_failure() {
    let slack = Loopback::start().await;
    let api = slack.api();
    slack.next("auth.test", Ending::DoneBut(500));
    assert!(api.me().await.is_err());
    assert_eq!(api.me().await.unwrap().team.as_str(), "T1");
    assert_eq!(api.me().await.unwrap().user, UserId::new("UALPHA"));
    assert_eq!(slack.calls("auth.test"), 2);
}

#[tokio::test]
async fn history_is_read_to_its_end_and_knows_our_messages_from_others() {
    let slack = Loopback::start().await;
    let api = slack.api();
    for (text, metadata) in [
        ("theirs", json!({ "event_type": "other", "event_payload": { "delivery_id": "d1" } })),
        ("people's", json!(null)),
        ("no payload", json!({ "event_type": "alpha_delivery" })),
        ("ours", json!({ "event_type": "alpha_delivery", "event_payload": { "delivery_id": "d1" } })),
    ] {
        slack.state().say("C1", &json!({ "text": text, "metadata": metadata }), None, Vec::new());
    }
    let channel = ChannelId::new("C1");
    let range = Range { channel: &channel, thread: None, since: Some(5) };
    let found = api.messages(&range).await.unwrap();
    let ours: Vec<&str> =
        found.iter().filter(|found| found.delivery.is_some()).map(|found| found.ts.as_str()).collect();
    assert_eq!((found.len(), ours), (4, vec!["1790000000.000004"]));
    assert_eq!(slack.state().requests[0].params["oldest"], "5");
}

#[tokio::test]
async fn an_answer_goes_to_its_address_without_the_token_and_to_no_other_machine() {
    let slack = Loopback::start().await;
    let api = slack.api();
    let base = slack.url.trim_end_matches("/api");
    let good = format!("{base}/answer/C1");
    let answer = |url| Answer { url, thread: None, visible: false, text: "No.", blocks: &[] };
    api.answer(&answer(&good)).await.unwrap();
    let request = slack.state().requests[0].clone();
    assert_eq!((request.authorization, request.params["text"].clone()), (None, json!("No.")));
    let refused = api.answer(&answer("http://127.0.0.2:1/answer")).await.unwrap_err();
    assert_eq!(refused.class(), Class::Bug);
    // A redirection is an error, and isn't followed.
    slack.next("/answer/C1", Ending::Raw(302, "location: /answer/C2\r\n", ""));
    assert!(api.answer(&answer(&good)).await.is_err());
    assert_eq!(slack.calls("/answer/C2"), 0);
}

#[tokio::test]
async fn a_file_goes_up_in_three_calls_and_the_token_with_two_of_them() {
    let slack = Loopback::start().await;
    let api = slack.api();
    let (channel, thread) = (ChannelId::new("C1"), MessageTs::new("1.1"));
    let upload = Upload {
        channel: &channel,
        thread: Some(&thread),
        filename: "a.diff",
        title: "A",
        text: "- x\n+ \u{e9}\n",
    };
    assert_eq!(api.share(&upload).await.unwrap(), Shared { ts: None });
    let state = slack.state();
    let said: Vec<(&str, bool)> =
        state.requests.iter().map(|one| (one.method.as_str(), one.authorization.is_some())).collect();
    assert_eq!(
        said,
        [("files.getUploadURLExternal", true), ("/upload/F0", false), ("files.completeUploadExternal", true)]
    );
    assert_eq!(state.requests[0].params["length"], "9");
    assert_eq!(state.uploads["F0"], "- x\n+ \u{e9}\n".as_bytes());
    assert_eq!(state.messages[0].thread.as_deref(), Some("1.1"));
}

#[test]
fn a_client_can_be_built_more_than_once_and_never_shows_its_token() {
    for url in [ApiUrl::SLACK, "http://127.0.0.1:1/api"] {
        for _ in 0..2 {
            // A machine without certificates may build none for Slack itself; it must not panic.
            if let Ok(api) = Api::new(ApiUrl::parse(url).unwrap(), Arc::new(BotToken::new(TOKEN).unwrap())) {
                assert!(!format!("{:?}", Arc::new(api)).contains("hush"));
            }
        }
    }
}

#[tokio::test]
async fn the_address_of_a_message_can_be_asked_for() {
    let slack = Loopback::start().await;
    let link = slack.api().permalink(&ChannelId::new("C1"), &MessageTs::new("1.1")).await.unwrap();
    assert_eq!(link, "https://x.slack.com/C1");
    assert_eq!(slack.state().requests[0].params["message_ts"], "1.1");
}

/// Tokens that are replaced, or that there are none of.
#[derive(Debug)]
struct Rotating {
    now: Mutex<Result<&'static str, SecretsError>>,
    next: &'static str,
}

#[async_trait]
impl Tokens for Rotating {
    async fn token(&self, team: Option<&TeamId>) -> Result<BotToken, SecretsError> {
        assert_eq!(team.map(TeamId::as_str), Some("T1"));
        self.now.lock().unwrap().clone().map(|token| BotToken::new(token).unwrap())
    }

    async fn token_after(&self, refused: &BotToken, team: Option<&TeamId>) -> Result<BotToken, SecretsError> {
        assert_eq!(self.token(team).await.unwrap(), *refused);
        *self.now.lock().unwrap() = Ok(self.next);
        self.token(team).await
    }
}

fn rotating(slack: &Loopback, now: Result<&'static str, SecretsError>, next: &'static str) -> Api {
    let tokens = Arc::new(Rotating { now: Mutex::new(now), next });
    Api::new(ApiUrl::parse(&slack.url).unwrap(), tokens).unwrap().in_workspace(TeamId::new("T1"))
}

#[tokio::test]
async fn a_token_that_was_replaced_is_taken_up_by_the_call_that_finds_out_and_by_those_after_it() {
    let slack = Loopback::start().await;
    let api = rotating(&slack, Ok("xoxb-old"), TOKEN);
    for code in ["invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed"] {
        let api = rotating(&slack, Ok("xoxb-old"), TOKEN);
        slack.next("auth.test", Ending::Refuse(code));
        assert!(api.me().await.is_ok(), "{code}");
    }
    slack.state().requests.clear();
    post(&api).await.unwrap();
    api.permalink(&ChannelId::new("C1"), &MessageTs::new("1.1")).await.unwrap();
    let state = slack.state();
    let said: Vec<Option<&str>> = state.requests.iter().map(|one| one.authorization.as_deref()).collect();
    let new = format!("Bearer {TOKEN}");
    assert_eq!(said, [Some("Bearer xoxb-old"), Some(new.as_str()), Some(new.as_str())]);
    assert_eq!(state.messages.len(), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_and_was_not_replaced_is_tried_no_more() {
    let slack = Loopback::start().await;
    let api = rotating(&slack, Ok(TOKEN), TOKEN);
    slack.always("chat.postMessage", None, Ending::Refuse("invalid_auth"));
    let error = post(&api).await.unwrap_err();
    assert_eq!((error.code(), error.class()), (Some("invalid_auth"), Class::Config));
    assert_eq!(slack.calls("chat.postMessage"), 1);
    // What has nothing to do with the token is no reason to look for another.
    slack.mend("chat.postMessage");
    slack.next("chat.postMessage", Ending::Refuse("missing_scope"));
    assert!(post(&rotating(&slack, Ok(TOKEN), "xoxb-new")).await.is_err());
    assert_eq!(slack.calls("chat.postMessage"), 2);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_everything_waits_for_one() {
    let slack = Loopback::start().await;
    for none in [
        SecretsError::Missing { secret: SecretKind::BotToken, place: "alpha/bot-token/T1".into() },
        SecretsError::Unavailable("no answer".to_owned()),
    ] {
        let error = post(&rotating(&slack, Err(none.clone()), "")).await.unwrap_err();
        assert_eq!(error.class(), Class::RetryNotSent { after: None });
        assert_eq!(error.to_string(), format!("chat.postMessage: {none}"));
    }
    assert!(slack.state().requests.is_empty());
}
