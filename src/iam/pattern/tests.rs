//! What patterns match, cover and overlap.

use super::*;

fn resource(text: &str) -> Pattern {
    Pattern::resource(text)
}

#[test]
fn a_star_matches_any_run_and_a_question_mark_one_character() {
    let cases = [
        ("s3:get*", "s3:getobject", true),
        ("s3:get*", "s3:putobject", false),
        ("*:get*tagging", "s3:getobjecttagging", true),
        ("s3:?et*", "s3:getobject", true),
        ("s3:get?", "s3:get", false),
        ("*", "anything", true),
        ("a*b*c", "aXbXbc", true),
        ("a*b*c", "aXbXbd", false),
    ];
    for (pattern, text, expected) in cases {
        let pattern = Pattern::parse(pattern, Setting::Plain, Variables::Literal);
        assert_eq!(pattern.matches(text), expected, "{pattern:?} {text}");
    }
}

#[test]
fn in_a_resource_a_star_crosses_colons_at_the_end_of_a_component_only() {
    assert!(resource("arn:aws:s3*").matches("arn:aws:s3:::bucket"));
    assert!(resource("arn:aws:*:bucket").matches("arn:aws:s3:::bucket"));
    assert!(!resource("arn:aws:s*3:bucket").matches("arn:aws:s:x:3:bucket"));
    assert!(resource("arn:aws:logs:*:*:log-group:a*z").matches("arn:aws:logs:eu-west-1:1:log-group:a:b:z"));
}

#[test]
fn in_arn_like_each_component_is_matched_by_itself() {
    let pattern = Pattern::parse("arn:aws:*", Setting::ArnLike, Variables::Substituted);
    assert!(!pattern.matches("arn:aws:s3:::bucket"));
    let pattern = Pattern::parse("arn:aws:sns:*:1:*", Setting::ArnLike, Variables::Substituted);
    assert!(pattern.matches("arn:aws:sns:eu-west-1:1:topic:sub"));
}

#[test]
fn variables_resolve_to_literal_text() {
    let pattern = resource("arn:aws:s3:::home/${aws:username}/*");
    assert!(!pattern.matches("arn:aws:s3:::home/ana/x"));
    let ana = pattern.resolve(|_| Some("a*".into())).unwrap();
    assert!(ana.matches("arn:aws:s3:::home/a*/x"));
    assert!(!ana.matches("arn:aws:s3:::home/ana/x"));
    assert!(pattern.resolve(|_| None).is_none());
    assert!(resource("arn:aws:s3:::${*}").matches("arn:aws:s3:::*"));
    assert!(!resource("arn:aws:s3:::${*}").matches("arn:aws:s3:::x"));
}

#[test]
fn a_variable_may_carry_a_default() {
    let pattern = resource("${aws:PrincipalTag/Team, 'none'}");
    let variable = pattern.variables().next().unwrap().clone();
    assert_eq!((&*variable.key, variable.default.as_deref()), ("aws:principaltag/team", Some("none")));
}

#[test]
fn containment_holds_where_every_text_of_the_one_is_of_the_other() {
    let cases = [
        ("*", "arn:aws:s3:::b/*", true),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*", true),
        ("arn:aws:s3:::b/x/*", "arn:aws:s3:::b/*", false),
        ("arn:aws:s3:::*/x", "arn:aws:s3:::b?c/x", true),
        ("arn:aws:s3:::b*?", "arn:aws:s3:::b?*", true),
        ("arn:aws:s3*", "arn:aws:s3:::b/*", true),
        ("arn:aws:s*3:::b", "arn:aws:s*:::b", false),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::${aws:username}/a", true),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::ana/a", false),
        ("arn:aws:s3:::*", "arn:aws:s3:::${aws:username}", true),
    ];
    for (wide, narrow, expected) in cases {
        assert_eq!(resource(wide).covers(&resource(narrow)), expected, "{wide} covers {narrow}");
    }
}

#[test]
fn overlap_is_a_text_in_common() {
    let cases = [
        ("arn:aws:s3:::a*", "arn:aws:s3:::*z", true),
        ("arn:aws:s3:::a*", "arn:aws:s3:::b*", false),
        ("arn:aws:s3:::a?", "arn:aws:s3:::a", false),
        ("arn:aws:s3:::*", "arn:aws:s3:::b", true),
        ("arn:aws:s3:::${aws:username}", "arn:aws:s3:::b", true),
        ("arn:aws:s3:::*a*", "arn:aws:s3:::*b*", true),
    ];
    for (one, other, expected) in cases {
        assert_eq!(resource(one).overlaps(&resource(other)), expected, "{one} overlaps {other}");
        assert_eq!(resource(other).overlaps(&resource(one)), expected, "{other} overlaps {one}");
    }
}
