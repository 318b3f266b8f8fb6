//! A call on its way: who signed it, whether the script spoils it, whether the caller is granted it, and then what the
//! service answers, which is a stand-in's or moto's.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use alpha::iam::document::Document;
use alpha::iam::evaluate::Decision;
use axum::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

use super::bedrock::Model;
use super::callers::{Caller, Callers};
use super::checks::Opinions;
use super::cloudtrail::Pace;
use super::events::Events;
use super::findings::Findings;
use super::generation::Generations;
use super::grants::{self, Known, Need};
use super::journal::{Entry, Journal, Verdict};
use super::last_accessed::Reports;
use super::logs::Logs;
use super::moto::Moto;
use super::signature::Signed;
use super::troubles::{Trouble, Troubles, When};
use super::wire::{Answer, Asked, Common, Refusal};
use super::{services, sts};

/// What every part of the front shares.
#[derive(Debug)]
pub struct Aws {
    pub moto: Moto,
    pub callers: Callers,
    pub troubles: Troubles,
    pub journal: Journal,
    pub events: Events,
    pub pace: Pace,
    pub generations: Generations,
    pub opinions: Opinions,
    pub findings: Findings,
    pub reports: Reports,
    pub model: Model,
    pub logs: Logs,
    pub(super) known: Known,
    /// Whether answering a request panicked.
    pub(super) broken: AtomicBool,
}

/// The connection breaks.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
pub struct Cut;

impl Aws {
    pub(super) fn before(moto: Moto) -> Self {
        Self {
            moto,
            callers: Callers::default(),
            troubles: Troubles::default(),
            journal: Journal::default(),
            events: Events::default(),
            pace: Pace::default(),
            generations: Generations::default(),
            opinions: Opinions::default(),
            findings: Findings::default(),
            reports: Reports::default(),
            model: Model::default(),
            logs: Logs::default(),
            known: Known::default(),
            broken: AtomicBool::default(),
        }
    }

    pub(super) async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Cut> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
        let answer = match Signed::of(&head.headers) {
            None => {
                let text = "Request is missing Authentication Token";
                Answer::of(403, "application/json", format!("{{\"message\":\"{text}\"}}"))
            }
            Some(signed) => {
                let asked = Asked::new(&signed, head.method, &head.uri, head.headers, body);
                self.answer(&signed, &asked).await?
            }
        };
        let mut response = Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        Ok(response.body(Full::new(answer.body)).unwrap())
    }

    async fn answer(&self, signed: &Signed, asked: &Asked) -> Result<Answer, Cut> {
        let refuse = |refusal: &Refusal| asked.protocol.refuse(&asked.service, refusal);
        let caller = match self.callers.authenticate(signed, asked) {
            Ok(caller) => caller,
            Err(why) => {
                self.note(asked, signed.key.clone(), Vec::new(), Verdict::Unauthenticated);
                return Ok(refuse(&asked.protocol.common(why, text_of(why))));
            }
        };
        let trouble = self.troubles.meet(&asked.service, &asked.operation);
        if let Some(trouble) = &trouble {
            self.note(asked, caller.arn(), Vec::new(), Verdict::Troubled(trouble.clone()));
            match trouble {
                Trouble::Denied => return Ok(refuse(&common(asked, Common::AccessDenied))),
                Trouble::Throttled => return Ok(refuse(&common(asked, Common::Throttled))),
                Trouble::ExpiredToken => return Ok(refuse(&common(asked, Common::ExpiredToken))),
                Trouble::Refused(refusal) => return Ok(refuse(refusal)),
                Trouble::Html => return Ok(html()),
                Trouble::Cut(When::BeforeTheEffect) => return Err(Cut),
                Trouble::Silence(When::BeforeTheEffect) => return silence().await,
                Trouble::Slow(time) => tokio::time::sleep(*time).await,
                Trouble::Cut(When::AfterTheEffect) | Trouble::Silence(When::AfterTheEffect) => {}
            }
        }
        let answer = match self.perform(&caller, asked).await {
            Ok(answer) => answer,
            Err(refusal) => refuse(&refusal),
        };
        match trouble {
            Some(Trouble::Cut(_)) => Err(Cut),
            Some(Trouble::Silence(_)) => silence().await,
            _ => Ok(answer),
        }
    }

    /// Whether the caller may, and then what the service says.
    async fn perform(&self, caller: &Caller, asked: &Asked) -> Result<Answer, Refusal> {
        let mut needs = Vec::new();
        if let Caller::Session(session) = caller {
            let Some(found) = services::needs(self, asked, session).await else {
                self.note(asked, caller.arn(), Vec::new(), Verdict::Unmapped);
                let what = format!("the front doesn't know what {}:{} needs", asked.service, asked.operation);
                return Err(Refusal::new(500, "InternalFailure", what));
            };
            for need in &found {
                if let Err(refusal) = self.authorise(caller, asked, need).await {
                    self.note(asked, caller.arn(), found.clone(), Verdict::Refused(need.clone()));
                    return Err(refusal);
                }
            }
            needs = found;
        }
        self.note(asked, caller.arn(), needs, Verdict::Passed);
        if let Some(answer) = services::answer(self, asked, caller).await {
            return answer;
        }
        let answer = self.moto.pass_on(caller.account(), asked).await;
        self.known.heed(caller.account(), asked);
        services::afterwards(self, caller, asked, answer).await
    }

    /// Whether the caller is granted one need, whoever the resource is of.
    pub(super) async fn authorise(&self, caller: &Caller, asked: &Asked, need: &Need) -> Result<(), Refusal> {
        let Caller::Session(session) = caller else { return Ok(()) };
        let grants = self.known.of(&self.moto, session).await;
        // Whom a role trusts has its say in who becomes it; a role that isn't there trusts nobody.
        let trust = match &*need.action {
            "sts:AssumeRole" => Some(sts::role(self, &need.resource).await.and_then(|role| role.trust)),
            _ => None,
        };
        let nobody = Document { version: None, id: None, statements: Vec::new() };
        let trust = trust.map(|trust| trust.unwrap_or(nobody));
        let verdict = grants.judge(session, asked, need, trust.as_ref());
        if verdict.decision == Decision::Allowed {
            return Ok(());
        }
        Err(asked.protocol.common(Common::AccessDenied, grants::refusal(session, need, &verdict)))
    }

    pub(super) fn note(&self, asked: &Asked, who: String, needs: Vec<Need>, verdict: Verdict) {
        let Asked { service, operation, region, .. } = asked.clone();
        self.journal.add(Entry { who, service, operation, region, needs, verdict });
    }
}

fn common(asked: &Asked, why: Common) -> Refusal {
    asked.protocol.common(why, text_of(why))
}

fn text_of(why: Common) -> &'static str {
    match why {
        Common::AccessDenied => "Access denied",
        Common::BadSignature => {
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
        }
        Common::UnknownKey => "The security token included in the request is invalid",
        Common::ExpiredToken => "The security token included in the request is expired",
        Common::Throttled => "Rate exceeded",
    }
}

fn html() -> Answer {
    Answer::of(500, "text/html", "<html><body><h1>500 Internal Server Error</h1></body></html>")
}

/// Longer than any client waits.
async fn silence() -> Result<Answer, Cut> {
    tokio::time::sleep(Duration::from_hours(1)).await;
    Err(Cut)
}
