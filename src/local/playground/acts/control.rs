//! Trouble on demand, and people who change.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{fine, read, refuse};
use crate::local::playground::faults::{Fault, Planned};
use crate::local::playground::shared::Shared;

fn all(shared: &Shared) -> Response {
    let faults = shared.faults();
    fine(json!({"faults": faults.planned, "pacing": faults.pacing}))
}

/// `GET /playground/faults`.
pub(in super::super) async fn list_faults(State(shared): State<Arc<Shared>>) -> Response {
    all(&shared)
}

/// `POST /playground/faults {method, times, fault: {kind, ..}}`.
pub(in super::super) async fn plan_fault(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let planned: Planned = match read(request).await {
        Ok(planned) => planned,
        Err(response) => return response,
    };
    if let Fault::Http { status } = planned.fault
        && !(400..=599).contains(&status)
    {
        return refuse(400, "A fault has an HTTP status from 400 to 599.");
    }
    if !shared.faults().plan(planned) {
        return refuse(409, "Too many faults are waiting; clear them first.");
    }
    all(&shared)
}

/// `DELETE /playground/faults`.
pub(in super::super) async fn forget_faults(State(shared): State<Arc<Shared>>) -> Response {
    shared.faults().planned.clear();
    all(&shared)
}

#[derive(Debug, Deserialize)]
struct Pacing {
    on: bool,
}

/// `POST /playground/pacing {on}`: one post a second in each channel.
pub(in super::super) async fn pacing(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    match read::<Pacing>(request).await {
        Ok(pacing) => shared.faults().pacing = pacing.on,
        Err(response) => return response,
    }
    all(&shared)
}

#[derive(Debug, Deserialize)]
struct Standing {
    user: String,
    deleted: Option<bool>,
    restricted: Option<bool>,
}

/// `POST /playground/people {user, deleted?, restricted?}`: somebody leaves, or becomes a guest.
pub(in super::super) async fn standing(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let standing: Standing = match read(request).await {
        Ok(standing) => standing,
        Err(response) => return response,
    };
    let found = shared.with(|workspace| {
        let person = workspace.people.iter_mut().find(|person| person.id == standing.user && !person.bot)?;
        person.deleted = standing.deleted.unwrap_or(person.deleted);
        person.restricted = standing.restricted.unwrap_or(person.restricted);
        Some(workspace.touch())
    });
    if found.is_some() { fine(json!({})) } else { refuse(404, "There is nobody of that name.") }
}
