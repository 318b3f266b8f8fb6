//! Composition objects: what blocks and elements share.

use super::shape::{Kind, Shape, may, need};

/// A question before an action is sent.
pub(super) static CONFIRM: Shape = Shape {
    tag: "",
    fields: &[
        need("title", Kind::Plain(100)),
        need("text", Kind::Markup(300)),
        need("confirm", Kind::Plain(30)),
        need("deny", Kind::Plain(30)),
        may("style", Kind::Word(&["primary", "danger"])),
    ],
    one_of: &[],
};

/// A choice in a menu.
pub(super) static OPTION: Shape = Shape {
    tag: "",
    fields: &[
        need("text", Kind::Markup(75)),
        need("value", Kind::Words(150)),
        may("description", Kind::Markup(75)),
        may("url", Kind::Link),
    ],
    one_of: &[],
};

/// Choices under a heading.
pub(super) static OPTION_GROUP: Shape = Shape {
    tag: "",
    fields: &[need("label", Kind::Plain(75)), need("options", Kind::List(1, 100, &Kind::Of(&OPTION)))],
    one_of: &[],
};

/// When an input sends an action of its own.
pub(super) static DISPATCH: Shape = Shape {
    tag: "",
    fields: &[may(
        "trigger_actions_on",
        Kind::List(1, 2, &Kind::Word(&["on_enter_pressed", "on_character_entered"])),
    )],
    one_of: &[],
};

/// Which conversations a menu offers.
pub(super) static FILTER: Shape = Shape {
    tag: "",
    fields: &[
        may("include", Kind::List(1, 4, &Kind::Word(&["im", "mpim", "private", "public"]))),
        may("exclude_external_shared_channels", Kind::Flag),
        may("exclude_bot_users", Kind::Flag),
    ],
    one_of: &[],
};

/// A file at Slack, shown as an image.
pub(super) static SLACK_FILE: Shape =
    Shape { tag: "", fields: &[may("id", Kind::Words(255)), may("url", Kind::Link)], one_of: &["id", "url"] };
