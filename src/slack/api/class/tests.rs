use std::time::Duration;

use super::*;

const NOW: Class = Class::RetryNotSent { after: None };
const LATER: Class = Class::RetryNotSent { after: Some(Duration::from_mins(1)) };

/// Every code that a design names, with its class on an ordinary post.
const CODES: &[(Class, &str)] = &[
    (
        Class::Config,
        "not_authed invalid_auth account_inactive token_revoked missing_scope not_allowed_token_type no_permission \
         access_denied team_access_not_granted enterprise_is_restricted two_factor_setup_required \
         deprecated_endpoint method_deprecated ekm_access_denied app_access_restricted as_user_not_supported \
         metadata_must_be_sent_from_app accesslimited plan_upgrade_required",
    ),
    (Class::Refresh, "token_expired"),
    (
        Class::Destination,
        "channel_not_found not_in_channel is_archived is_inactive team_not_found messages_tab_disabled \
         user_not_in_channel restricted_action restricted_action_read_only_channel restricted_action_thread_locked \
         restricted_action_thread_only_channel restricted_action_non_threadable_channel cannot_reply_to_message \
         posting_to_channel_denied posting_to_general_channel_denied slack_connect_file_link_sharing_blocked \
         slack_connect_canvas_sharing_blocked invalid_channel user_is_external_guest",
    ),
    (
        Class::Payload,
        "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text block_mismatch \
         too_many_attachments invalid_attachments markdown_text_conflict metadata_too_large \
         invalid_metadata_format invalid_metadata_schema",
    ),
    (
        Class::Bug,
        "invalid_arguments invalid_arg_name invalid_charset invalid_form_data invalid_post_type missing_argument \
         unknown_subtype invalid_json json_not_object missing_post_type bad_timestamp invalid_name",
    ),
    (NOW, "ratelimited rate_limited service_unavailable request_timeout"),
    (LATER, "org_login_required team_added_to_org message_limit_exceeded"),
    (Class::Ambiguous, "fatal_error internal_error update_failed"),
    (Class::Benign, "already_reacted no_reaction"),
    (Class::ViewsOpen, "expired_trigger_id exchanged_trigger_id invalid_trigger_id view_too_large"),
    (Class::Files, "file_uploads_disabled file_type_not_allowed snippet_too_large storage_limit_reached"),
    (Class::Identity, "user_not_found users_not_found user_not_visible no_such_subteam"),
    (Class::Unknown, "message_not_found slack_connect_x restricted no_such_code_in_any_list"),
];

#[test]
fn every_code_has_its_class() {
    for (expected, codes) in CODES {
        for code in codes.split_whitespace() {
            let found = class(Method::ChatPostMessage, &Failure::Code(code.to_owned()));
            assert_eq!(found, *expected, "{code}");
        }
    }
}

#[test]
fn some_codes_depend_on_what_was_called() {
    for (method, code, expected) in [
        (Method::ChatUpdate, "message_not_found", Class::RepostUpdate),
        (Method::ChatUpdate, "cant_update_message", Class::RepostUpdate),
        (Method::ChatUpdate, "edit_window_closed", Class::RepostUpdate),
        (Method::ChatUpdate, "update_failed", Class::Ambiguous),
        (Method::ChatDelete, "message_not_found", Class::Benign),
        (Method::ReactionsAdd, "message_not_found", Class::Benign),
        (Method::ReactionsRemove, "message_not_found", Class::Benign),
        (Method::ChatGetPermalink, "message_not_found", Class::Unknown),
        (Method::FilesComplete, "slack_connect_file_upload_sharing_blocked", Class::Files),
        (Method::FilesComplete, "not_in_channel", Class::Destination),
    ] {
        assert_eq!(class(method, &Failure::Code(code.to_owned())), expected, "{method} {code}");
    }
}

#[test]
fn what_the_wire_says_has_its_class_too() {
    let after = Some(Duration::from_secs(7));
    for (failure, expected) in [
        (Failure::Limited { code: None, after }, Class::RetryNotSent { after }),
        (Failure::Limited { code: Some("ratelimited".to_owned()), after: None }, NOW),
        (Failure::NotConnected, NOW),
        (Failure::Lost, Class::Ambiguous),
        (Failure::Unreadable, Class::Ambiguous),
        (Failure::Impossible("no"), Class::Bug),
        (Failure::Status(429), NOW),
        (Failure::Status(408), Class::Ambiguous),
        (Failure::Status(500), Class::Ambiguous),
        (Failure::Status(502), Class::Ambiguous),
        (Failure::Status(503), Class::Ambiguous),
        (Failure::Status(599), Class::Ambiguous),
        (Failure::Status(413), Class::Payload),
        (Failure::Status(302), Class::Config),
        (Failure::Status(401), Class::Config),
        (Failure::Status(403), Class::Config),
        (Failure::Status(404), Class::Config),
        (Failure::Status(418), Class::Unknown),
    ] {
        assert_eq!(class(Method::ChatPostMessage, &failure), expected, "{failure:?}");
    }
}
