//! A role is read whole, as it stands, or not at all.

use alpha::ports::{AccountError, Roles as _};

use super::*;
use crate::account::document;

#[tokio::test]
async fn everything_of_a_role_is_read_over_all_pages() {
    let scene = Scene::on(emulator()).await;
    let name = "whole";
    scene.make("/team/web/", name).await;
    let text = r#"
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::büch+er/%25 漢字/${aws:username}/*"}]}"#;
    scene.inline(name, "letters+1=2,a.b@c-d", text).await;
    for number in 0..105 {
        let one = granting("s3:GetObject", &format!("arn:aws:s3:::b{number}"));
        scene.inline(name, &format!("inline-{number}"), &one.to_string_compact()).await;
    }
    for number in 0..11 {
        let arn = scene.policy("/whole/", &format!("managed-{number}"), &granting("sqs:*", "*")).await;
        scene.admin.attach_role_policy().role_name(name).policy_arn(arn).send().await.unwrap();
    }
    let edge = scene.policy("/whole/", "edge", &granting("s3:*", "*")).await;
    let newer = granting("s3:Get*", "*").to_string_compact();
    let version = scene.admin.create_policy_version().policy_arn(&edge).policy_document(newer);
    version.set_as_default(true).send().await.unwrap();
    let other = granting("s3:Put*", "*").to_string_compact();
    scene.admin.create_policy_version().policy_arn(&edge).policy_document(other).send().await.unwrap();
    let bound = scene.admin.put_role_permissions_boundary().role_name(name).permissions_boundary(&edge);
    bound.send().await.unwrap();
    let tag = aws_sdk_iam::types::Tag::builder().key("alpha-scope").value("narrow").build().unwrap();
    scene.admin.tag_role().role_name(name).tags(tag).send().await.unwrap();

    let seen = scene.roles.read(&errand(), &role("WHOLE")).await.unwrap();
    assert_eq!(seen.arn, format!("arn:aws:iam::{}:role/team/web/whole", id()));
    assert_eq!((seen.path.as_str(), seen.trust), ("/team/web/", document(TRUST)));
    assert!(seen.role_id.len() > 10);
    assert_eq!(seen.inline.len(), 107);
    assert_eq!(seen.inline["letters+1=2,a.b@c-d"], document(text));
    assert_eq!(seen.inline["inline-104"], granting("s3:GetObject", "arn:aws:s3:::b104"));
    assert_eq!(seen.attached.len(), 11);
    assert!(seen.attached.iter().all(|(arn, policy)| *arn == policy.arn && policy.version == "v1"));
    let boundary = seen.boundary.unwrap();
    assert_eq!((boundary.arn.as_str(), boundary.version.as_str()), (edge.as_str(), "v2"));
    assert_eq!(boundary.document, granting("s3:Get*", "*"));
    assert_eq!(seen.tags["alpha-scope"], "narrow");
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_named_and_nothing_is_told_of_the_role() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    scene.make("/", "unreadable").await;
    let odd = |_: &_| {
        let text = "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>unreadable</RoleName>\
                    <PolicyName>files</PolicyName><PolicyDocument>%7B%22Statement%22%3A7%7D</PolicyDocument>\
                    </GetRolePolicyResult></GetRolePolicyResponse>";
        (200, text.to_owned())
    };
    wire.rule("GetRolePolicy", 1, Act::answer(odd));
    match scene.roles.read(&errand(), &role("unreadable")).await {
        Err(AccountError::Rejected(why)) => {
            assert!(why.starts_with("inline policy files of unreadable can't be read"), "{why}");
            assert!(why.contains("/Statement"), "{why}");
        }
        answer => panic!("{answer:?}"),
    }
}

#[tokio::test]
async fn a_role_that_changes_while_it_is_read_is_read_again() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    scene.make("/", "changing").await;
    scene.inline("changing", "passing", &granting("sqs:*", "*").to_string_compact()).await;
    let delete = "Action=DeleteRolePolicy&Version=2010-05-08&RoleName=changing&PolicyName=passing";
    wire.rule("GetRolePolicy", 1, Act::After(delete.to_owned()));
    // It may be the other policy that is asked for first: then the second call finds it gone.
    let seen = scene.roles.read(&errand(), &role("changing")).await.unwrap();
    assert_eq!(seen.inline.keys().collect::<Vec<_>>(), ["files"]);
    assert_eq!(wire.operations().iter().filter(|name| *name == "GetRole").count(), 2);
}

#[tokio::test]
async fn a_role_that_never_stands_still_is_told_after_some_tries() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    scene.make("/", "restless").await;
    wire.rule("GetRolePolicy", 100, Act::refuse(404, "NoSuchEntity", "gone"));
    let answer = scene.roles.read(&errand(), &role("restless")).await;
    assert!(
        matches!(&answer, Err(AccountError::Unavailable(why)) if why.contains("changes while")),
        "{answer:?}"
    );
    assert_eq!(wire.operations().iter().filter(|name| *name == "GetRole").count(), 4);
}

#[tokio::test]
async fn a_role_that_is_deleted_while_it_is_read_is_missed() {
    let wire = Wire::to(Some(&emulator().url)).await;
    let scene = Scene::over(&wire.url, &emulator().url).await;
    let made = scene.admin.create_role().role_name("going").assume_role_policy_document(TRUST);
    made.send().await.unwrap();
    let delete = "Action=DeleteRole&Version=2010-05-08&RoleName=going";
    wire.rule("ListRolePolicies", 1, Act::After(delete.to_owned()));
    let answer = scene.roles.read(&errand(), &role("going")).await;
    assert!(matches!(&answer, Err(AccountError::NoSuchRole { name, .. }) if name == "going"), "{answer:?}");
}
