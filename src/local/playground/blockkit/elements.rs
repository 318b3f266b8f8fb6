//! Interactive elements, and the image that stands among text.

use super::objects::{CONFIRM, DISPATCH, FILTER, OPTION, OPTION_GROUP, SLACK_FILE};
use super::shape::{Kind, Shape, may, need};

const ID: Kind = Kind::Words(255);
const PLACEHOLDER: Kind = Kind::Plain(150);
const ASK: Kind = Kind::Of(&CONFIRM);
const OPTIONS: Kind = Kind::List(1, 100, &Kind::Of(&OPTION));
const GROUPS: Kind = Kind::List(1, 100, &Kind::Of(&OPTION_GROUP));
const TEN: Kind = Kind::List(1, 10, &Kind::Of(&OPTION));
const STRINGS: Kind = Kind::List(1, 100, &Kind::Words(255));

/// Declares an element from its own members and those that all menus share.
macro_rules! element {
    ($name:ident, $tag:literal, [$($own:expr),* $(,)?], $one_of:expr) => {
        pub(super) static $name: Shape = Shape {
            tag: $tag,
            fields: &[may("action_id", ID), may("confirm", ASK), may("focus_on_load", Kind::Flag), $($own),*],
            one_of: $one_of,
        };
    };
    ($name:ident, $tag:literal, [$($own:expr),* $(,)?]) => { element!($name, $tag, [$($own),*], &[]); };
}

pub(super) static BUTTON: Shape = Shape {
    tag: "button",
    fields: &[
        need("text", Kind::Plain(75)),
        may("action_id", ID),
        may("url", Kind::Link),
        may("value", Kind::Blank(2_000)),
        may("style", Kind::Word(&["primary", "danger"])),
        may("confirm", ASK),
        may("accessibility_label", Kind::Words(75)),
    ],
    one_of: &[],
};
pub(super) static OVERFLOW: Shape = Shape {
    tag: "overflow",
    fields: &[
        may("action_id", ID),
        need("options", Kind::List(1, 5, &Kind::Of(&OPTION))),
        may("confirm", ASK),
    ],
    one_of: &[],
};
pub(super) static IMAGE: Shape = Shape {
    tag: "image",
    fields: &[
        need("alt_text", Kind::Words(2_000)),
        may("image_url", Kind::Link),
        may("slack_file", Kind::Of(&SLACK_FILE)),
    ],
    one_of: &["image_url", "slack_file"],
};
element!(CHECKBOXES, "checkboxes", [need("options", TEN), may("initial_options", TEN)]);
element!(RADIO, "radio_buttons", [need("options", TEN), may("initial_option", Kind::Of(&OPTION))]);
element!(
    SELECT,
    "static_select",
    [
        may("placeholder", PLACEHOLDER),
        may("options", OPTIONS),
        may("option_groups", GROUPS),
        may("initial_option", Kind::Of(&OPTION)),
    ],
    &["options", "option_groups"]
);
element!(
    MULTI_SELECT,
    "multi_static_select",
    [
        may("placeholder", PLACEHOLDER),
        may("options", OPTIONS),
        may("option_groups", GROUPS),
        may("initial_options", OPTIONS),
        may("max_selected_items", Kind::Whole(1, 100)),
    ],
    &["options", "option_groups"]
);
element!(USERS, "users_select", [may("placeholder", PLACEHOLDER), may("initial_user", ID)]);
element!(
    MULTI_USERS,
    "multi_users_select",
    [
        may("placeholder", PLACEHOLDER),
        may("initial_users", STRINGS),
        may("max_selected_items", Kind::Whole(1, 100)),
    ]
);
element!(
    CHANNELS,
    "channels_select",
    [may("placeholder", PLACEHOLDER), may("initial_channel", ID), may("response_url_enabled", Kind::Flag)]
);
element!(
    CONVERSATIONS,
    "conversations_select",
    [
        may("placeholder", PLACEHOLDER),
        may("initial_conversation", ID),
        may("default_to_current_conversation", Kind::Flag),
        may("response_url_enabled", Kind::Flag),
        may("filter", Kind::Of(&FILTER)),
    ]
);
element!(
    EXTERNAL,
    "external_select",
    [
        may("placeholder", PLACEHOLDER),
        may("initial_option", Kind::Of(&OPTION)),
        may("min_query_length", Kind::Whole(0, 100)),
    ]
);
element!(DATE, "datepicker", [may("placeholder", PLACEHOLDER), may("initial_date", Kind::Words(10))]);
element!(
    TIME,
    "timepicker",
    [may("placeholder", PLACEHOLDER), may("initial_time", Kind::Words(5)), may("timezone", Kind::Words(100))]
);
element!(MOMENT, "datetimepicker", [may("initial_date_time", Kind::Whole(1_000_000_000, 9_999_999_999))]);
element!(
    TEXT,
    "plain_text_input",
    [
        may("placeholder", PLACEHOLDER),
        may("initial_value", Kind::Blank(3_000)),
        may("multiline", Kind::Flag),
        may("min_length", Kind::Whole(0, 3_000)),
        may("max_length", Kind::Whole(1, 3_000)),
        may("dispatch_action_config", Kind::Of(&DISPATCH)),
    ]
);
element!(
    NUMBER,
    "number_input",
    [
        need("is_decimal_allowed", Kind::Flag),
        may("placeholder", PLACEHOLDER),
        may("initial_value", Kind::Words(100)),
        may("min_value", Kind::Words(100)),
        may("max_value", Kind::Words(100)),
        may("dispatch_action_config", Kind::Of(&DISPATCH)),
    ]
);
element!(
    EMAIL,
    "email_text_input",
    [
        may("placeholder", PLACEHOLDER),
        may("initial_value", Kind::Blank(3_000)),
        may("dispatch_action_config", Kind::Of(&DISPATCH)),
    ]
);
element!(
    URL,
    "url_text_input",
    [
        may("placeholder", PLACEHOLDER),
        may("initial_value", Kind::Blank(3_000)),
        may("dispatch_action_config", Kind::Of(&DISPATCH)),
    ]
);

/// What may stand in an `actions` block.
pub(super) static IN_ACTIONS: &[&Shape] = &[
    &BUTTON,
    &OVERFLOW,
    &CHECKBOXES,
    &RADIO,
    &SELECT,
    &MULTI_SELECT,
    &USERS,
    &MULTI_USERS,
    &CHANNELS,
    &CONVERSATIONS,
    &EXTERNAL,
    &DATE,
    &TIME,
    &MOMENT,
];

/// What may stand beside a section's text.
pub(super) static ACCESSORY: &[&Shape] = &[
    &BUTTON,
    &OVERFLOW,
    &IMAGE,
    &CHECKBOXES,
    &RADIO,
    &SELECT,
    &MULTI_SELECT,
    &USERS,
    &MULTI_USERS,
    &CHANNELS,
    &CONVERSATIONS,
    &EXTERNAL,
    &DATE,
    &TIME,
];

/// What may stand in an `input` block.
pub(super) static IN_INPUT: &[&Shape] = &[
    &TEXT,
    &NUMBER,
    &EMAIL,
    &URL,
    &CHECKBOXES,
    &RADIO,
    &SELECT,
    &MULTI_SELECT,
    &USERS,
    &MULTI_USERS,
    &CHANNELS,
    &CONVERSATIONS,
    &EXTERNAL,
    &DATE,
    &TIME,
    &MOMENT,
];
