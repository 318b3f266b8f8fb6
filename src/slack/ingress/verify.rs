//! Whether Slack sent a request: its signature, over the raw bytes, and its age.
//!
//! Nothing here says more of a refused request than its class: whoever forges requests learns nothing from the answer.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::domain::secret::SigningSecrets;

/// How far a request's time may lie from ours, to both sides, in seconds.
pub const WINDOW: i64 = 300;
/// The version of signatures that there is.
const VERSION: &str = "v0";

/// Why a request is refused. The class is all that is ever told, and to operators alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refused {
    /// It isn't signed.
    #[error("no signature or no timestamp")]
    Unsigned,
    /// Its timestamp is no number.
    #[error("the timestamp is no number of seconds")]
    Timestamp,
    /// It is too old, or ahead of time.
    #[error("the timestamp is more than 300 s from now")]
    Stale,
    /// Its signature isn't written like one.
    #[error("the signature isn't written like one")]
    Signature,
    /// It was signed with another secret, or changed since.
    #[error("the signature doesn't match")]
    Mismatch,
}

impl Refused {
    /// The class, as metrics and logs spell it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Timestamp => "bad_timestamp",
            Self::Stale => "stale",
            Self::Signature => "bad_signature",
            Self::Mismatch => "mismatch",
        }
    }
}

/// What a request says of its origin, not yet believed.
#[derive(Debug, Clone, Copy)]
pub struct Claimed<'a> {
    timestamp: &'a str,
    signature: [u8; 32],
}

impl<'a> Claimed<'a> {
    /// From the values of `X-Slack-Request-Timestamp` and `X-Slack-Signature`: refuses, before any body is read, what
    /// no body could make good.
    pub fn new(timestamp: Option<&'a str>, signature: Option<&str>, now: Timestamp) -> Result<Self, Refused> {
        let (Some(timestamp), Some(signature)) = (timestamp, signature) else {
            return Err(Refused::Unsigned);
        };
        let digits =
            (1..=12).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let at: i64 = timestamp.parse().ok().filter(|_| digits).ok_or(Refused::Timestamp)?;
        if (now.as_second() - at).abs() > WINDOW {
            return Err(Refused::Stale);
        }
        let digest = signature.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('='));
        let mut bytes = [0; 32];
        digest.and_then(|digest| hex::decode_to_slice(digest, &mut bytes).ok()).ok_or(Refused::Signature)?;
        Ok(Self { timestamp, signature: bytes })
    }

    /// Whether the body was signed with one of our secrets. How long that takes tells nothing of how near it was.
    pub fn verify(&self, secrets: &SigningSecrets, body: &[u8]) -> Result<(), Refused> {
        let signed = secrets.iter().any(|secret| {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose()) else { return false };
            for part in [VERSION.as_bytes(), b":", self.timestamp.as_bytes(), b":", body] {
                mac.update(part);
            }
            mac.verify_slice(&self.signature).is_ok()
        });
        if signed { Ok(()) } else { Err(Refused::Mismatch) }
    }
}

/// The signature that Slack gives a body: for what stands in for Slack, in the playground and in tests.
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    for part in [VERSION.as_bytes(), b":", timestamp.as_bytes(), b":", body] {
        mac.update(part);
    }
    Some(format!("{VERSION}={}", hex::encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's documentation.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const AT: &str = "1531420618";
    const BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn verified(
        timestamp: &str,
        signature: &str,
        body: &[u8],
        now: i64,
        secrets: &[&str],
    ) -> Result<(), Refused> {
        let claimed = Claimed::new(Some(timestamp), Some(signature), at(now))?;
        claimed.verify(&SigningSecrets::new(secrets.iter().copied()), body)
    }

    #[test]
    fn slacks_own_example_verifies() {
        assert_eq!(verified(AT, SIGNATURE, BODY, 1_531_420_618, &[SECRET]), Ok(()));
        assert_eq!(sign(SECRET, AT, BODY).as_deref(), Some(SIGNATURE));
    }

    #[test]
    fn a_request_counts_for_five_minutes_to_both_sides() {
        for (now, expected) in [
            (-301, Err(Refused::Stale)),
            (-300, Ok(())),
            (300, Ok(())),
            (301, Err(Refused::Stale)),
            (i64::from(u32::MAX), Err(Refused::Stale)),
        ] {
            assert_eq!(verified(AT, SIGNATURE, BODY, 1_531_420_618 + now, &[SECRET]), expected, "{now}");
        }
    }

    #[test]
    fn while_a_secret_is_rotated_the_one_before_counts_too() {
        for (secrets, expected) in [
            (&["new", SECRET][..], Ok(())),
            (&[SECRET, "old"], Ok(())),
            (&["new", "old"], Err(Refused::Mismatch)),
            (&[], Err(Refused::Mismatch)),
            (&["", "  "], Err(Refused::Mismatch)),
        ] {
            assert_eq!(verified(AT, SIGNATURE, BODY, 1_531_420_618, secrets), expected, "{}", secrets.len());
        }
    }

    #[test]
    fn an_empty_secret_never_verifies_what_was_signed_with_it() {
        let signature = sign("", AT, BODY).unwrap();
        assert_eq!(verified(AT, &signature, BODY, 1_531_420_618, &[""]), Err(Refused::Mismatch));
    }

    #[test]
    fn whatever_was_changed_is_refused_for_its_class() {
        let long = format!("{SIGNATURE}00");
        for (timestamp, signature, expected) in [
            ("", SIGNATURE, Refused::Timestamp),
            ("now", SIGNATURE, Refused::Timestamp),
            ("+1531420618", SIGNATURE, Refused::Timestamp),
            ("1531420618.0", SIGNATURE, Refused::Timestamp),
            ("99999999999999999999", SIGNATURE, Refused::Timestamp),
            ("-1531420618", SIGNATURE, Refused::Timestamp),
            ("1531420619", SIGNATURE, Refused::Mismatch),
            (AT, "", Refused::Signature),
            (AT, &SIGNATURE[3..], Refused::Signature),
            (AT, &SIGNATURE[..65], Refused::Signature),
            (AT, &long, Refused::Signature),
            (AT, "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", Refused::Signature),
            (AT, "v0=zz114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", Refused::Signature),
            (AT, "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b504", Refused::Mismatch),
        ] {
            let found = verified(timestamp, signature, BODY, 1_531_420_618, &[SECRET]);
            assert_eq!(found, Err(expected), "{timestamp} {signature}");
        }
        let mut body = BODY.to_vec();
        body.push(b'&');
        assert_eq!(verified(AT, SIGNATURE, &body, 1_531_420_618, &[SECRET]), Err(Refused::Mismatch));
        assert_eq!(Claimed::new(None, Some(SIGNATURE), at(0)).err(), Some(Refused::Unsigned));
        assert_eq!(Claimed::new(Some(AT), None, at(0)).err(), Some(Refused::Unsigned));
    }
}
