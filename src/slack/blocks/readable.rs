//! A message or modal as text for a terminal: roughly what a person sees, top to bottom.

use serde_json::Value;

/// The blocks as lines of text.
pub fn readable(payload: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(title) = payload["title"]["text"].as_str() {
        lines.push(format!("= {title} ="));
    }
    payload["blocks"].as_array().into_iter().flatten().for_each(|block| lines.push(self::block(block)));
    if payload["type"] == "modal" {
        lines.push(format!("[ {} ] [ {} ]", words(&payload["close"]), words(&payload["submit"])));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n\n")
}

fn block(block: &Value) -> String {
    match block["type"].as_str().unwrap_or_default() {
        "header" => format!("== {} ==", words(&block["text"])),
        "section" => {
            let fields = block["fields"].as_array().into_iter().flatten();
            let fields = fields.map(|field| words(field).replace('\n', ": "));
            std::iter::once(words(&block["text"]))
                .filter(|text| !text.is_empty())
                .chain(fields)
                .collect::<Vec<_>>()
                .join("\n")
        }
        "actions" => joined(&block["elements"], " ", |button| format!("[ {} ]", words(&button["text"]))),
        "context" => joined(&block["elements"], "  ", words),
        "rich_text" => joined(&block["elements"], "\n", rich),
        "input" => format!("{}: ____\n({})", words(&block["label"]), words(&block["hint"])),
        _ => String::new(),
    }
}

fn rich(element: &Value) -> String {
    let text = joined(&element["elements"], "", words);
    let indented = |by: &str| text.lines().map(|line| format!("{by}{line}")).collect::<Vec<_>>().join("\n");
    match element["type"].as_str().unwrap_or_default() {
        "rich_text_preformatted" => indented("    "),
        "rich_text_quote" => indented("> "),
        _ => text,
    }
}

fn joined(elements: &Value, between: &str, each: impl Fn(&Value) -> String) -> String {
    elements.as_array().into_iter().flatten().map(each).collect::<Vec<_>>().join(between)
}

/// The text of a text object, mark-up resolved.
fn words(text: &Value) -> String {
    let said = text["text"].as_str().unwrap_or_default();
    if text["type"] == "mrkdwn" { resolved(said) } else { said.to_owned() }
}

/// Mark-up as a person sees it: mentions, dates and entities; emphasis stays as it was typed.
fn resolved(markup: &str) -> String {
    let mut out = String::new();
    let mut rest = markup;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inside, after)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            continue;
        };
        out.push_str(inside.rsplit('|').next().unwrap_or(inside));
        rest = after;
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
