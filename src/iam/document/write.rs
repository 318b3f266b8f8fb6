//! From the model to JSON: any document can be written, canonical or not, and reads back as itself.
//!
//! A single item is written without a list, elements come in one order, and nothing is ever dropped: two conditions
//! that would collide in one JSON object are told apart by the case of a name, which IAM doesn't look at.

use serde_json::{Map, Value};

use super::{Condition, Document, Principal, Principals, Selection, Statement};

impl Document {
    /// The document as JSON: Version, Id, Statement; in a statement Sid, Effect, Principal, Action, Resource,
    /// Condition.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        if let Some(version) = self.version {
            members.insert("Version".into(), version.as_str().into());
        }
        if let Some(id) = &self.id {
            members.insert("Id".into(), id.as_str().into());
        }
        members.insert("Statement".into(), self.statements.iter().map(statement).collect());
        Value::Object(members)
    }

    /// Indented by two, with a line end, as people keep it in a file.
    pub fn to_string_pretty(&self) -> String {
        format!("{:#}\n", self.to_json())
    }

    /// Without any white space between its tokens, as it is sent and digested.
    pub fn to_string_compact(&self) -> String {
        self.to_json().to_string()
    }

    /// The number of characters that IAM counts against its limits: those of the compact form. White space inside
    /// strings is counted here, so the answer is never too low.
    pub fn size(&self) -> usize {
        self.to_string_compact().chars().count()
    }
}

fn statement(statement: &Statement) -> Value {
    let Statement { sid, effect, principal, actions, resources, conditions } = statement;
    let mut members = Map::new();
    if let Some(sid) = sid {
        members.insert("Sid".into(), sid.as_str().into());
    }
    members.insert("Effect".into(), effect.as_str().into());
    if let Some(principal) = principal {
        members.insert(element("Principal", principal.negated), principals(principal));
    }
    for (name, selection) in [("Action", actions), ("Resource", resources)] {
        if let Some(Selection { negated, patterns }) = selection {
            members.insert(element(name, *negated), strings(patterns));
        }
    }
    if !conditions.is_empty() {
        members.insert("Condition".into(), condition_block(conditions));
    }
    Value::Object(members)
}

fn element(name: &str, negated: bool) -> String {
    if negated { format!("Not{name}") } else { name.to_owned() }
}

fn strings<S: AsRef<str>>(items: &[S]) -> Value {
    match items {
        [single] => single.as_ref().into(),
        several => several.iter().map(AsRef::as_ref).collect(),
    }
}

/// `"*"` where everybody stands alone. Beside others `{"AWS": "*"}` says the same.
fn principals(principals: &Principals) -> Value {
    if principals.members == [Principal::Everyone] {
        return "*".into();
    }
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for member in &principals.members {
        let (kind, name) = match member {
            Principal::Everyone => ("AWS", "*"),
            Principal::Aws(name) => ("AWS", name.as_str()),
            Principal::Service(name) => ("Service", name.as_str()),
            Principal::Federated(name) => ("Federated", name.as_str()),
            Principal::CanonicalUser(name) => ("CanonicalUser", name.as_str()),
        };
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.push(name),
            None => kinds.push((kind, vec![name])),
        }
    }
    Value::Object(kinds.into_iter().map(|(kind, names)| (kind.to_owned(), strings(&names))).collect())
}

fn condition_block(conditions: &[Condition]) -> Value {
    let mut block = Map::new();
    for condition in conditions {
        let (operator, key) = free_place(&block, &condition.operator.to_string(), &condition.key);
        let keys = block.entry(operator).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(key, strings(&condition.values));
        }
    }
    Value::Object(block)
}

/// Names under which a condition doesn't overwrite an earlier one. IAM compares both without regard to case.
fn free_place(block: &Map<String, Value>, operator: &str, key: &str) -> (String, String) {
    let taken = |operator: &str, key: &str| block.get(operator).is_some_and(|keys| keys.get(key).is_some());
    for operator in case_variants(operator) {
        for key in case_variants(key).take(1 << 8) {
            if !taken(&operator, &key) {
                return (operator, key);
            }
        }
    }
    (operator.to_owned(), key.to_owned())
}

/// The text, then the text with the case of some of its first letters turned over.
pub(super) fn case_variants(text: &str) -> impl Iterator<Item = String> + '_ {
    let letters = text.chars().filter(char::is_ascii_alphabetic).count().min(16);
    (0_u32..1 << letters).map(move |turned| {
        let mut letter = 0;
        text.chars()
            .map(|c| {
                let turn = c.is_ascii_alphabetic() && letter < 16 && turned >> letter & 1 == 1;
                letter += u32::from(c.is_ascii_alphabetic());
                match c {
                    c if !turn => c,
                    c if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
                    c => c.to_ascii_lowercase(),
                }
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use crate::iam::document::{Condition, Document, Operator};

    fn document(json: &str) -> Document {
        Document::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn elements_come_in_one_order_and_single_items_without_a_list() {
        let json = r#"{"Statement":[{"Condition":{"Bool":{"aws:SecureTransport":[false]}},"Resource":["*"],
            "NotAction":["iam:*","sts:*"],"Principal":{"Service":["a.amazonaws.com"],"AWS":"*"},"Effect":"Deny",
            "Sid":"S"}],"Id":"I","Version":"2012-10-17"}"#;
        assert_eq!(
            document(json).to_string_compact(),
            concat!(
                r#"{"Version":"2012-10-17","Id":"I","Statement":[{"Sid":"S","Effect":"Deny","#,
                r#""Principal":{"Service":"a.amazonaws.com","AWS":"*"},"NotAction":["iam:*","sts:*"],"Resource":"*","#,
                r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#
            )
        );
    }

    #[test]
    fn a_written_document_reads_back_as_itself() {
        let json = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":[],
            "Resource":["a","a"],"Condition":{"stringequals":{"aws:x":["1","2"],"AWS:X":"3"},"StringEquals":{"aws:x":"4"}}},
            {"Effect":"Deny","NotPrincipal":{"AWS":["1","2"]},"NotResource":"x"}]}"#;
        let read = document(json);
        assert_eq!(document(&read.to_string_pretty()), read_with_free_names(&read));
        assert_eq!(document(&read.to_string_pretty()).statements[0].conditions.len(), 3);
    }

    fn read_with_free_names(read: &Document) -> Document {
        let mut read = read.clone();
        read.statements[0].conditions[2].key = "Aws:x".into();
        read
    }

    #[test]
    fn conditions_that_would_collide_are_all_written() {
        let operator = Operator::parse("StringEquals").unwrap();
        let condition = |value: &str| Condition { operator, key: "1".into(), values: vec![value.into()] };
        let mut read = document(r#"{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}"#);
        read.statements[0].conditions = (0..9).map(|n| condition(&n.to_string())).collect();
        assert_eq!(document(&read.to_string_compact()).statements[0].conditions.len(), 9);
    }

    #[test]
    fn size_counts_characters_and_no_white_space_between_tokens() {
        let spaced = document("{ \"Statement\" : [ ] , \"Id\" : \"é b\" }");
        assert_eq!(spaced.size(), r#"{"Id":"é b","Statement":[]}"#.chars().count());
    }
}
