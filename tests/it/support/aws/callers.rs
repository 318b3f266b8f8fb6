//! Who may knock: access keys with their secrets, and sessions of roles, which end.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use alpha::iam::document::Document;
use aws_credential_types::Credentials;

use super::signature::Signed;
use super::wire::{Asked, Common};

/// The holder of some credentials.
#[derive(Debug, Clone, PartialEq)]
pub enum Caller {
    /// The operator of an account, whom nothing limits.
    Root {
        account: String,
    },
    Session(Session),
}

/// A session of a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub account: String,
    /// The role's name, ARN and id.
    pub role: String,
    pub role_arn: String,
    pub role_id: String,
    pub name: String,
    /// What the session was limited to when it was asked for.
    pub policies: Vec<Document>,
}

#[derive(Debug, Clone)]
struct Key {
    secret: String,
    token: Option<String>,
    ends: Option<SystemTime>,
    caller: Caller,
}

/// All keys that were given out.
#[derive(Debug, Default)]
pub struct Callers(Mutex<HashMap<String, Key>>);

impl Caller {
    pub fn account(&self) -> &str {
        match self {
            Self::Root { account } => account,
            Self::Session(session) => &session.account,
        }
    }

    pub fn arn(&self) -> String {
        match self {
            Self::Root { account } => format!("arn:aws:iam::{account}:root"),
            Self::Session(session) => session.arn(),
        }
    }
}

impl Session {
    pub fn arn(&self) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", self.account, self.role, self.name)
    }
}

impl Callers {
    /// Keys of an account's operator.
    pub fn root(&self, account: &str) -> Credentials {
        self.issue("AKIA", Caller::Root { account: account.to_owned() }, None)
    }

    /// Keys of a session.
    pub fn session(&self, session: Session, lasts: Duration) -> Credentials {
        self.issue("ASIA", Caller::Session(session), Some(SystemTime::now() + lasts))
    }

    fn issue(&self, prefix: &str, caller: Caller, ends: Option<SystemTime>) -> Credentials {
        let id = format!("{prefix}{}", random(8).to_ascii_uppercase());
        let key = Key { secret: random(20), token: ends.map(|_| random(32)), ends, caller };
        let given = Credentials::new(&id, &key.secret, key.token.clone(), ends, "front");
        self.0.lock().unwrap().insert(id, key);
        given
    }

    /// Ends all sessions of an account's role as if their time were over.
    pub fn expire(&self, account: &str, role: &str) {
        for key in self.0.lock().unwrap().values_mut() {
            if matches!(&key.caller, Caller::Session(session) if session.account == account && session.role == role)
            {
                key.ends = Some(SystemTime::UNIX_EPOCH);
            }
        }
    }

    /// Whoever signed a request, or why it is nobody.
    pub fn authenticate(&self, signed: &Signed, asked: &Asked) -> Result<Caller, Common> {
        let keys = self.0.lock().unwrap();
        let key = keys.get(&signed.key).ok_or(Common::UnknownKey)?;
        if asked.header("x-amz-security-token") != key.token.as_deref() {
            return Err(Common::UnknownKey);
        }
        if !signed.is_good(&key.secret, asked.sent()) {
            return Err(Common::BadSignature);
        }
        if key.ends.is_some_and(|ends| ends <= SystemTime::now()) {
            return Err(Common::ExpiredToken);
        }
        Ok(key.caller.clone())
    }
}

/// So many random bytes, in hexadecimal.
pub fn random(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).unwrap();
    hex::encode(buffer)
}
