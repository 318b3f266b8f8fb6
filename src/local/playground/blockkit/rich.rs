//! Rich text: lists, quotes, preformatted text and the inline elements in them.

use super::shape::{Kind, Shape, may, need};

static STYLE: Shape = Shape {
    tag: "",
    fields: &[
        may("bold", Kind::Flag),
        may("italic", Kind::Flag),
        may("strike", Kind::Flag),
        may("code", Kind::Flag),
        may("underline", Kind::Flag),
        may("highlight", Kind::Flag),
        may("client_highlight", Kind::Flag),
        may("unlink", Kind::Flag),
    ],
    one_of: &[],
};

const LOOK: Kind = Kind::Of(&STYLE);
const BORDER: Kind = Kind::Whole(0, 1);

macro_rules! inline {
    ($name:ident, $tag:literal, $($own:expr),*) => {
        static $name: Shape = Shape { tag: $tag, fields: &[may("style", LOOK), $($own),*], one_of: &[] };
    };
}

inline!(TEXT, "text", need("text", Kind::Words(12_000)));
inline!(LINK, "link", need("url", Kind::Link), may("text", Kind::Words(3_000)), may("unsafe", Kind::Flag));
inline!(USER, "user", need("user_id", Kind::Words(255)));
inline!(CHANNEL, "channel", need("channel_id", Kind::Words(255)));
inline!(GROUP, "usergroup", need("usergroup_id", Kind::Words(255)));
inline!(TEAM, "team", need("team_id", Kind::Words(255)));
inline!(
    EMOJI,
    "emoji",
    need("name", Kind::Words(255)),
    may("unicode", Kind::Words(255)),
    may("skin_tone", Kind::Whole(1, 6))
);
inline!(BROADCAST, "broadcast", need("range", Kind::Word(&["here", "channel", "everyone"])));
inline!(COLOR, "color", need("value", Kind::Words(20)));
inline!(
    DATE,
    "date",
    need("timestamp", Kind::Whole(0, 99_999_999_999)),
    need("format", Kind::Words(255)),
    may("url", Kind::Link),
    may("fallback", Kind::Words(255))
);

static INLINE: &[&Shape] = &[&TEXT, &LINK, &USER, &CHANNEL, &GROUP, &TEAM, &EMOJI, &BROADCAST, &COLOR, &DATE];
const RUN: Kind = Kind::List(0, 1_000, &Kind::Any(INLINE));

static SECTION: Shape = Shape { tag: "rich_text_section", fields: &[need("elements", RUN)], one_of: &[] };
static LIST: Shape = Shape {
    tag: "rich_text_list",
    fields: &[
        need("style", Kind::Word(&["bullet", "ordered"])),
        need("elements", Kind::List(1, 1_000, &Kind::Of(&SECTION))),
        may("indent", Kind::Whole(0, 8)),
        may("offset", Kind::Whole(0, 10_000)),
        may("border", BORDER),
    ],
    one_of: &[],
};
static PREFORMATTED: Shape = Shape {
    tag: "rich_text_preformatted",
    fields: &[
        need("elements", Kind::List(0, 1_000, &Kind::Any(&[&TEXT, &LINK]))),
        may("border", BORDER),
        may("language", Kind::Words(50)),
    ],
    one_of: &[],
};
static QUOTE: Shape =
    Shape { tag: "rich_text_quote", fields: &[need("elements", RUN), may("border", BORDER)], one_of: &[] };

/// The block, and a cell of a table.
pub(super) static RICH_TEXT: Shape = Shape {
    tag: "rich_text",
    fields: &[
        may("block_id", Kind::Words(255)),
        need("elements", Kind::List(1, 1_000, &Kind::Any(&[&SECTION, &LIST, &PREFORMATTED, &QUOTE]))),
    ],
    one_of: &[],
};
