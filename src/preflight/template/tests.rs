use super::*;

/// A role in a template, with its name, as a stack would have it.
fn name(text: &str, said: &[(&str, &'static str)]) -> Result<String, TemplateError> {
    let template = Template::parse(text)?;
    let of = |name: &str| said.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let stack = Stack::new(&template, of)?;
    let made = stack.made()?;
    let [(resource, node)] = made.as_slice() else { return Ok(format!("{} made", made.len())) };
    let said =
        node.get("Said").map(|node| node.items().iter().map(|item| item.text().unwrap()).collect::<Vec<_>>());
    Ok(said.map_or_else(|| stack.arn(resource, 0, 0).unwrap(), |items| items.join(" ")))
}

fn said(value: &str) -> String {
    let text = format!(
        "Parameters:\n  One: {{ Type: String, Default: one }}\n  Many: {{ Type: CommaDelimitedList, Default: 'a, b' }}\n\
         Conditions:\n  Yes: !Equals [!Ref One, one]\n  No: !Not [!Condition Yes]\n  Both: !And [Condition: Yes, !Condition No]\n  \
         Either: !Or [!Condition No, !Condition Yes]\n\
         Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Properties: {{ TableName: !Ref One }}\n  \
         Gone:\n    Type: AWS::DynamoDB::Table\n    Condition: No\n  \
         R:\n    Type: AWS::IAM::Role\n    Properties:\n      Said: {value}\n"
    );
    name(&text, &[]).unwrap_or_else(|error| error.to_string())
}

#[test]
fn functions_are_resolved_in_their_short_and_long_forms() {
    for (value, expected) in [
        ("!Ref One", "one"),
        ("{ Ref: Many }", "a b"),
        ("!Ref AWS::AccountId", ACCOUNT),
        ("!Ref Table", "one"),
        ("!GetAtt Table.Arn", "arn:aws:dynamodb:eu-west-1:111122223333:table/one"),
        ("{ 'Fn::GetAtt': [Table, Arn] }", "arn:aws:dynamodb:eu-west-1:111122223333:table/one"),
        ("!Sub 'x-${One}-${Table.Arn}'", "x-one-arn:aws:dynamodb:eu-west-1:111122223333:table/one"),
        ("!Sub ['${Two}${One}', { Two: !Ref One }]", "oneone"),
        ("!Sub '${!aws:username}/${ One }'", "${aws:username}/one"),
        ("!Join ['-', !Ref Many]", "a-b"),
        ("{ 'Fn::Join': ['', [a, !Ref One]] }", "aone"),
        ("!Split [',', !Join [',', [x, !Join [',', !Ref Many]]]]", "x a b"),
        ("!Select [1, !Ref Many]", "b"),
        ("!If [Yes, a, b]", "a"),
        ("!If [Both, a, !If [Either, c, d]]", "c"),
        ("[a, !If [No, b, !Ref AWS::NoValue], c]", "a c"),
    ] {
        assert_eq!(said(value), expected, "{value}");
    }
}

#[test]
fn what_cant_be_resolved_is_named_with_its_line() {
    for (value, expected) in [
        ("!Ref Nobody", "there is neither a parameter nor a resource Nobody"),
        ("!GetAtt Gone.Arn", "Gone isn't made where this refers to it"),
        ("!GetAtt R.RoleId", "R.RoleId isn't known here"),
        ("!Sub '${One'", "isn't closed"),
        ("!Sub '${Many}'", "Many is no text"),
        ("!If [Maybe, a, b]", "there is no condition Maybe"),
        ("!Join [',', a]", "Fn::Join isn't known here, or not with what it is given"),
        ("!Select [2, !Ref Many]", "Fn::Select isn't known here, or not with what it is given"),
        ("!Split ['', a]", "Fn::Split isn't known here"),
        ("!FindInMap [a, b, c]", "Fn::FindInMap isn't known here"),
        ("!Base64 a", "Fn::Base64 isn't known here"),
        ("!!binary a", "a"),
        ("!x!y a", "line "),
    ] {
        let told = said(value);
        assert!(told.contains(expected), "{value}: {told}");
        assert!(expected == "a" || told.starts_with("line "), "{value}: {told}");
    }
}

#[test]
fn a_name_has_a_path_and_is_the_one_that_is_said() {
    let role = |properties: &str| {
        name(&format!("{{Resources: {{R: {{Type: 'AWS::IAM::Role', Properties: {{{properties}}}}}}}}}"), &[])
    };
    assert_eq!(role("").unwrap(), "arn:aws:iam::111122223333:role/alpha-R-0123456789AB");
    assert_eq!(role("Path: /x/, RoleName: y").unwrap(), "arn:aws:iam::111122223333:role/x/y");
}

#[test]
fn what_a_template_refers_to_without_end_is_refused() {
    let chain = "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: { RoleName: !GetAtt B.Arn }\n  \
                 B:\n    Type: AWS::IAM::Role\n    Properties: { RoleName: !GetAtt A.Arn }\n";
    assert!(name(chain, &[]).unwrap_err().reason.contains("refers to itself"));
    let doubled = |at: usize| {
        let next = at + 1;
        let name = format!("!Sub '${{T{next}.Arn}}${{T{next}.Arn}}'");
        format!("  T{at}:\n    Type: AWS::IAM::Role\n    Properties: {{ RoleName: {name} }}\n")
    };
    let doubled = (0..40).map(doubled).collect::<Vec<_>>().concat();
    let many = format!("Resources:\n{doubled}  T40:\n    Type: AWS::IAM::Role\n");
    assert!(name(&many, &[]).unwrap_err().reason.contains("too entangled"));
    let circle = "Conditions:\n  A: !Condition B\n  B: !Condition A\n\
                  Resources:\n  R:\n    Type: AWS::IAM::Role\n    Condition: A\n";
    assert!(name(circle, &[]).unwrap_err().reason.contains("refers to itself"));
    assert!(Template::parse(&"[".repeat(100)).unwrap_err().reason.contains("nested deeper"));
    assert_eq!(Template::parse(&"[".repeat(100_000)).unwrap_err().line, 1);
}

#[test]
fn what_isnt_one_document_of_text_keys_is_refused() {
    for (text, expected) in [
        ("a: 1\na: 2\n", "line 2: a stands here a second time"),
        ("[a]: 1\n", "a key that is no text"),
        ("Resources: {}\n---\nResources: {}\n", "a second document"),
        ("Resources: *a\n", "line 1"),
        ("Resources: {R: {Type: *a}}", "line 1"),
        ("a: &x 1\n", "anchors and aliases"),
        ("\u{0}", "line 1"),
    ] {
        let told = Template::parse(text).unwrap_err().to_string();
        assert!(told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn a_parameter_without_a_value_is_named() {
    let text = "Parameters:\n  P:\n    Type: String\nResources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      Said: !Ref P\n";
    let error = name(text, &[]).unwrap_err();
    assert_eq!((error.line, error.reason.contains("the parameter P has no default")), (3, true), "{error}");
    assert_eq!(name(text, &[("P", "x")]).unwrap(), "x");
}
