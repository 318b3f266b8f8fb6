//! The commands that a document shows under a heading.

/// All `sh` blocks under a heading, those under lesser headings included, as one script: what looks like commands and isn't
/// in such a block is a mistake, so that nothing is left out unseen.
pub fn script(markdown: &str, heading: &str) -> Result<String, String> {
    let (mut within, mut open, mut script) = (false, None, String::new());
    for line in markdown.lines() {
        match &open {
            Some(fence) if line.trim() == *fence => open = None,
            Some(_) if within => script.extend([line, "\n"]),
            Some(_) => {}
            None => {
                open = fence(line);
                if open.is_none() && (1..=depth(heading)).contains(&depth(line)) {
                    within = line == heading;
                }
                if within && is_foreign(line, open.as_deref()) {
                    return Err(format!("{heading}: only what stands in blocks of `sh` is run: {line}"));
                }
            }
        }
    }
    match open {
        Some(fence) => Err(format!("a block isn't closed by {fence}")),
        None if script.is_empty() => Err(format!("{heading}: there is nothing to run")),
        None => Ok(script),
    }
}

/// How many hashes make a line a heading, or none.
fn depth(line: &str) -> usize {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if line[hashes..].starts_with(' ') { hashes } else { 0 }
}

/// What opens a block, and closes it.
fn fence(line: &str) -> Option<String> {
    let mark = line.trim_start().chars().next().filter(|mark| "`~".contains(*mark))?;
    let fence: String = line.trim_start().chars().take_while(|own| *own == mark).collect();
    (fence.len() >= 3).then_some(fence)
}

/// Whether a line outside of blocks is code by its indentation, or opens a block of another language.
fn is_foreign(line: &str, opens: Option<&str>) -> bool {
    match opens {
        Some(fence) => line.trim_start()[fence.len()..].trim() != "sh",
        None => line.starts_with("    ") || line.starts_with('\t'),
    }
}
