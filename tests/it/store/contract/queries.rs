//! Finding jobs.

use alpha::domain::ids::{JobId, Person, TeamId};
use alpha::domain::job::State;
use alpha::ports::{JobQuery, Store};

use crate::store::Place;
use crate::store::samples::{job, name, new, next};

async fn found(store: &dyn Store, query: JobQuery) -> Vec<JobId> {
    store.jobs(&query).await.unwrap().jobs.into_iter().map(|job| job.id).collect()
}

fn all() -> JobQuery {
    JobQuery { limit: 99, ..JobQuery::default() }
}

pub async fn jobs_are_listed_the_newest_first_page_by_page(place: &Place) {
    let store = place.open();
    for number in [3, 1, 5, 2, 4] {
        store.create(new(job(number))).await.unwrap();
    }
    assert_eq!(found(&*store, all()).await, [5, 4, 3, 2, 1].map(name));
    assert_eq!(found(&*store, JobQuery { limit: 2, ..all() }).await, [5, 4].map(name));
    let page = JobQuery { limit: 2, before: Some(name(4)), ..all() };
    assert_eq!(found(&*store, page).await, [3, 2].map(name));
    assert_eq!(found(&*store, JobQuery { before: Some(name(1)), ..all() }).await, []);
    assert_eq!(found(&*store, JobQuery { limit: 0, ..all() }).await, []);
}

pub async fn jobs_are_found_by_role_state_and_requester(place: &Place) {
    let store = place.open();
    let role = job(1).role;
    for number in 1..=6 {
        let mut job = job(number);
        if number <= 3 {
            job.role = role.clone();
        }
        if number % 2 == 0 {
            job.asked.by = Person::new("T1", "U2");
        }
        let change = new(job);
        store.create(change.clone()).await.unwrap();
        let state = if number < 3 { State::Denied } else { State::Collecting };
        store.save(next(&change.job, state)).await.unwrap();
    }
    let of_role = JobQuery { role: Some(role.key()), ..all() };
    assert_eq!(found(&*store, of_role.clone()).await, [3, 2, 1].map(name));
    assert_eq!(found(&*store, JobQuery { open: true, ..of_role.clone() }).await, [3].map(name));
    assert_eq!(found(&*store, JobQuery { open: true, ..all() }).await, [6, 5, 4, 3].map(name));
    let states = |states: &[&'static str]| JobQuery { states: states.to_vec(), ..all() };
    assert_eq!(found(&*store, states(&["Denied"])).await, [2, 1].map(name));
    assert_eq!(found(&*store, states(&["Denied", "Collecting"])).await.len(), 6);
    assert_eq!(found(&*store, states(&["Stuck"])).await, []);
    let theirs = JobQuery { requester: Some(Person::new("T1", "U2")), ..all() };
    assert_eq!(found(&*store, theirs.clone()).await, [6, 4, 2].map(name));
    let everything = JobQuery {
        states: vec!["Denied"],
        before: Some(name(6)),
        limit: 1,
        role: Some(role.key()),
        ..theirs.clone()
    };
    assert_eq!(found(&*store, everything).await, [2].map(name));
    assert_eq!(found(&*store, JobQuery { open: true, before: Some(name(6)), ..theirs }).await, [4].map(name));
}

pub async fn a_requester_is_known_across_the_workspaces_of_an_organisation(place: &Place) {
    let store = place.open();
    let seen = |team: &str, enterprise: Option<&str>| Person {
        enterprise: enterprise.map(TeamId::new),
        ..Person::new(team, "U1")
    };
    for (number, by) in [(1, seen("T1", Some("E1"))), (2, seen("T2", Some("E1"))), (3, seen("T3", None))] {
        let mut job = job(number);
        job.asked.by = by;
        store.create(new(job)).await.unwrap();
    }
    let of = |person| JobQuery { requester: Some(person), ..all() };
    assert_eq!(found(&*store, of(seen("T9", Some("E1")))).await, [2, 1].map(name));
    assert_eq!(found(&*store, of(seen("T1", None))).await, [1].map(name));
    assert_eq!(found(&*store, of(seen("T3", Some("E1")))).await, [3, 2, 1].map(name));
    assert_eq!(found(&*store, of(Person::new("T1", "U9"))).await, []);
}

pub async fn what_is_not_there_is_none(place: &Place) {
    let store = place.open();
    let id = JobId::new("'; DROP TABLE jobs; --");
    assert_eq!(store.job(&id).await.unwrap(), None);
    assert_eq!(store.case(&id, 1).await.unwrap(), None);
    assert_eq!(store.history(&id).await.unwrap(), []);
    assert_eq!(store.rows(&id).await.unwrap(), []);
    assert_eq!(store.posted(&id).await.unwrap(), []);
    assert_eq!(found(&*store, all()).await, []);
    assert_eq!(found(&*store, JobQuery { role: Some(id.to_string()), ..all() }).await, []);
}
