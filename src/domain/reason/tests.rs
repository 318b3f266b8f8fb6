use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const AWS_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn parsed(text: &str) -> String {
    Reason::parse(text).map(|reason| reason.to_string()).unwrap_or_default()
}

#[test]
fn a_secret_gives_way_to_what_kind_it_is() {
    let github = format!("ghp_{}", "a1B2".repeat(9));
    let fine_grained = format!("github_pat_{}", "a1_B2".repeat(12));
    let web = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{}", "sig-_9".repeat(5));
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----";
    for (text, expected) in [
        ("see AKIAIOSFODNN7EXAMPLE, gone", "see [REDACTED-AWS-ACCESS-KEY], gone"),
        ("id=ASIAIOSFODNN7EXAMPLE", "id=[REDACTED-AWS-ACCESS-KEY]"),
        (&format!("{AWS_SECRET} leaked"), "[REDACTED-AWS-SECRET-KEY] leaked"),
        (&format!("secret_key={AWS_SECRET}"), "secret_key=[REDACTED-AWS-SECRET-KEY]"),
        (&format!("it is `{github}`"), "it is `[REDACTED-GITHUB-TOKEN]`"),
        (&fine_grained, "[REDACTED-GITHUB-TOKEN]"),
        ("xoxb-123456789012-abcDEF found", "[REDACTED-SLACK-TOKEN] found"),
        ("xoxe.xoxp-1-Mi0yLTEyMzQ1", "[REDACTED-SLACK-TOKEN]"),
        ("Authorization: Bearer abcdef0123456789abcdef==", "Authorization: [REDACTED-BEARER-TOKEN]"),
        (&format!("cookie {web};"), "cookie [REDACTED-BEARER-TOKEN];"),
        (&format!("a\n{key}\nb"), "a\n[REDACTED-PRIVATE-KEY]\nb"),
        ("-----BEGIN RSA PRIVATE KEY----- MIIEow", "[REDACTED-PRIVATE-KEY]"),
        (
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----",
            "[REDACTED-PRIVATE-KEY]",
        ),
        ("AKIA\u{200b}IOSFODNN7EXAMPLE", "[REDACTED-AWS-ACCESS-KEY]"),
        ("AKIA\u{1b}[31mIOSFODNN7EXAMPLE", "[REDACTED-AWS-ACCESS-KEY]"),
    ] {
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_secret_stays_as_it_was_said() {
    for text in [
        "it is still needed for the yearly close",
        "the bearer of this role reads s3://b/k; bearer authentication is off",
        "arn:aws:iam::111122223333:role/app/ProductionDataPipelineOrchestratorRole",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709 is the commit",
        "AKIA is how they begin; xoxb- and ghp_ too",
        "-----BEGIN CERTIFICATE-----",
        "line one\n\tline two — “quoted”, ünï 🎉 漢",
        "eyJhbGciOiJIUzI1NiJ9 alone",
        "[REDACTED-AWS-SECRET-KEY]",
    ] {
        assert_eq!(parsed(text), text);
    }
}

#[test]
fn what_cannot_be_seen_and_what_commands_a_terminal_is_gone() {
    for (text, expected) in [
        ("\u{1b}[1;31mno\u{1b}[0m", "no"),
        ("\u{1b}]0;title\u{7}no", "no"),
        ("\u{1b}]8;;https://x\u{1b}\\no", "no"),
        ("\u{9b}31mno", "no"),
        ("\u{1b}]never ends", "]never ends"),
        ("a\u{202e}b\u{200d}c\r\nd\u{7}", "abc\nd"),
        (" \u{200b} \u{202e}\n", ""),
        ("", ""),
    ] {
        assert_eq!(parsed(text), expected, "{text:?}");
    }
    assert_eq!(Reason::parse("\u{200b}"), None);
}

#[test]
fn a_long_reason_is_cut_and_the_cut_uncovers_no_secret() {
    assert_eq!(parsed(&"ü".repeat(3_900)).chars().count(), Reason::LONGEST);
    let long = format!("{} {AWS_SECRET}more", "x".repeat(Reason::LONGEST - 41));
    assert!(parsed(&long).ends_with(" [REDACTED-AWS-SECRET-KEY]"), "{}", parsed(&long));
}

#[test]
fn no_text_is_gone_through_again_and_again() {
    // Of a text that begins a secret at every turn, each part is looked at a few times at most: else this takes hours.
    for piece in ["eyJ", "eyJ.", "bearer ", "-----BEGIN ", "ghp_", "xoxb-", "AKIA", "\u{1b}]", "\u{1b}[", "a"]
    {
        assert!(parsed(&piece.repeat(40_000)).chars().count() <= Reason::LONGEST, "{piece:?}");
    }
}

/// A secret of each kind, and a piece of it that must not survive.
fn secret() -> impl Strategy<Value = (String, String)> {
    let whole = |text: String| (text.clone(), text);
    prop_oneof![
        "(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}".prop_map(whole),
        "[A-Za-z0-9/+]{37}".prop_flat_map(|text| (0..38_usize).prop_map(move |at| {
            let mut text = text.clone();
            text.insert_str(at, "aB3");
            (text.clone(), text)
        })),
        "(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36}".prop_map(whole),
        "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}".prop_map(whole),
        "xox[abeprs]-[0-9]{10,12}-[A-Za-z0-9]{24}".prop_map(whole),
        "xapp-1-[A-Z0-9]{11}-[0-9]{13}-[a-f0-9]{64}".prop_map(whole),
        "[A-Za-z0-9._~+/-]{20,60}=?".prop_map(|token| (format!("Bearer {token}"), token)),
        "eyJ[A-Za-z0-9_-]{10,40}\\.eyJ[A-Za-z0-9_-]{10,40}\\.[A-Za-z0-9_-]{20,43}".prop_map(whole),
        "[A-Za-z0-9+/]{64}".prop_map(|body| {
            (format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"), body)
        }),
    ]
}

/// Pieces of which secrets and what comes near them are made.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        secret().prop_map(|(text, _)| text),
        "(AKIA|ghp_|xoxb-|eyJ|bearer|Bearer |-----BEGIN |PRIVATE KEY-----|-----END |\\.|\\[REDACTED-)",
        "[A-Za-z0-9/+=_.-]{0,45}",
        any::<String>(),
        Just("\u{1b}[31m".to_owned()),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_secret_of_a_listed_kind_survives(
        before in "([a-z ,:]{0,20}[ ,:(])?",
        (text, piece) in secret(),
        after in "([ ,:)][a-z ,]{0,20})?",
    ) {
        let kept = parsed(&format!("{before}{text}{after}"));
        prop_assert!(!kept.contains(&piece), "{kept}");
        prop_assert!(kept.contains("[REDACTED-"), "{kept}");
    }

    #[test]
    fn a_reason_read_again_is_the_same_and_keeps_within_its_limits(text in pieces()) {
        let once = parsed(&text);
        prop_assert!(once.chars().count() <= Reason::LONGEST);
        prop_assert!(!once.chars().any(is_unseen));
        prop_assert_eq!(parsed(&once), once);
        let redacted = redact(&text);
        prop_assert_eq!(redact(&redacted), redacted);
    }

    #[test]
    fn words_are_left_alone(words in vec("[A-Za-z]{1,15}|[0-9]{1,12}|[.,;:!?()'-]", 0..40)) {
        let text = words.join(" ");
        prop_assume!(!text.to_lowercase().contains("bearer") && !text.contains("-----"));
        prop_assert_eq!(parsed(&text), text.trim());
    }
}
