//! The closed set of blocks.

use super::elements::{ACCESSORY, IMAGE, IN_ACTIONS, IN_INPUT};
use super::objects::SLACK_FILE;
use super::rich::RICH_TEXT;
use super::shape::{Kind, Shape, may, need};

const ID: Kind = Kind::Words(255);

static SECTION: Shape = Shape {
    tag: "section",
    fields: &[
        may("block_id", ID),
        may("text", Kind::Markup(3_000)),
        may("fields", Kind::List(1, 10, &Kind::Markup(2_000))),
        may("accessory", Kind::Any(ACCESSORY)),
        may("expand", Kind::Flag),
    ],
    one_of: &["text", "fields"],
};
static HEADER: Shape =
    Shape { tag: "header", fields: &[may("block_id", ID), need("text", Kind::Plain(150))], one_of: &[] };
static DIVIDER: Shape = Shape { tag: "divider", fields: &[may("block_id", ID)], one_of: &[] };
static PLAIN: Shape = Shape {
    tag: "plain_text",
    fields: &[need("text", Kind::Words(3_000)), may("emoji", Kind::Flag)],
    one_of: &[],
};
static MRKDWN: Shape = Shape {
    tag: "mrkdwn",
    fields: &[need("text", Kind::Words(3_000)), may("verbatim", Kind::Flag)],
    one_of: &[],
};
static CONTEXT: Shape = Shape {
    tag: "context",
    fields: &[
        may("block_id", ID),
        need("elements", Kind::List(1, 10, &Kind::Any(&[&PLAIN, &MRKDWN, &IMAGE]))),
    ],
    one_of: &[],
};
static ACTIONS: Shape = Shape {
    tag: "actions",
    fields: &[may("block_id", ID), need("elements", Kind::List(1, 25, &Kind::Any(IN_ACTIONS)))],
    one_of: &[],
};
static INPUT: Shape = Shape {
    tag: "input",
    fields: &[
        may("block_id", ID),
        need("label", Kind::Plain(2_000)),
        need("element", Kind::Any(IN_INPUT)),
        may("hint", Kind::Plain(2_000)),
        may("optional", Kind::Flag),
        may("dispatch_action", Kind::Flag),
    ],
    one_of: &[],
};
static PICTURE: Shape = Shape {
    tag: "image",
    fields: &[
        may("block_id", ID),
        need("alt_text", Kind::Words(2_000)),
        may("title", Kind::Plain(2_000)),
        may("image_url", Kind::Link),
        may("slack_file", Kind::Of(&SLACK_FILE)),
    ],
    one_of: &["image_url", "slack_file"],
};
static MARKDOWN: Shape =
    Shape { tag: "markdown", fields: &[may("block_id", ID), need("text", Kind::Words(12_000))], one_of: &[] };
static RAW_TEXT: Shape = Shape { tag: "raw_text", fields: &[need("text", Kind::Words(10_000))], one_of: &[] };
static COLUMN: Shape = Shape {
    tag: "",
    fields: &[may("align", Kind::Word(&["left", "center", "right"])), may("is_wrapped", Kind::Flag)],
    one_of: &[],
};
static TABLE: Shape = Shape {
    tag: "table",
    fields: &[
        may("block_id", ID),
        need("rows", Kind::List(1, 100, &Kind::List(1, 20, &Kind::Any(&[&RAW_TEXT, &RICH_TEXT])))),
        may("column_settings", Kind::List(1, 20, &Kind::Of(&COLUMN))),
    ],
    one_of: &[],
};

/// What a message may hold.
pub(super) static IN_MESSAGE: Kind = Kind::List(
    0,
    50,
    &Kind::Any(&[
        &SECTION, &HEADER, &DIVIDER, &CONTEXT, &ACTIONS, &INPUT, &PICTURE, &RICH_TEXT, &MARKDOWN, &TABLE,
    ]),
);

const IN_VIEW: Kind = Kind::List(
    0,
    100,
    &Kind::Any(&[&SECTION, &HEADER, &DIVIDER, &CONTEXT, &ACTIONS, &INPUT, &PICTURE, &RICH_TEXT]),
);

/// A modal.
pub(super) static MODAL: Shape = Shape {
    tag: "modal",
    fields: &[
        need("title", Kind::Plain(24)),
        need("blocks", IN_VIEW),
        may("submit", Kind::Plain(24)),
        may("close", Kind::Plain(24)),
        may("private_metadata", Kind::Blank(3_000)),
        may("callback_id", Kind::Blank(255)),
        may("external_id", Kind::Blank(255)),
        may("clear_on_close", Kind::Flag),
        may("notify_on_close", Kind::Flag),
        may("submit_disabled", Kind::Flag),
    ],
    one_of: &[],
};
