//! What each role is meant to be granted, and never to do: from the tables of what is called, and from what a stack's
//! parameters say.

use std::collections::BTreeMap;

use super::places::{is, limits, places};
use super::roles::PATH;
use super::template::{ACCOUNT, Stack};
use crate::domain::calls::{Call, Need, On};
use crate::iam::document::{
    Condition, Document, Effect, OperatorKind, Principal, Principals, Selection, Statement, Version,
};

/// The tables of what is called, with the name of the adapter that they are of.
pub type Tables<'t> = &'t [(&'t str, &'t [&'t [Call]])];

/// A statement that a role is meant to have.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// One action, on all resources of its kind.
    pub statement: Statement,
    /// What it is for.
    pub why: String,
}

/// What a role is meant to be granted, and who is meant to become it.
#[derive(Debug)]
pub struct Meant {
    /// Of the role.
    pub grants: Vec<Meaning>,
    /// Of its trust policy.
    pub trust: Vec<Meaning>,
}

/// Meanings as one policy, whose statements are theirs in their order.
pub fn document(meanings: &[Meaning]) -> Document {
    let statements = meanings.iter().map(|meaning| meaning.statement.clone()).collect();
    Document { version: Some(Version::V2012), id: None, statements }
}

/// The roles of ALPHA's templates, by their names in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// ALPHA itself.
    Bot,
    /// ALPHA in another account.
    Member,
    /// Fargate, which starts it.
    Execution,
    /// Access Analyzer, which reads a trail for it.
    Evidence,
}

/// What Fargate needs, whatever ALPHA calls.
const FARGATE: &[Need] = &[
    Need { action: "ecr:GetAuthorizationToken", on: On::Anything },
    Need { action: "ecr:BatchCheckLayerAvailability", on: On::Repository },
    Need { action: "ecr:BatchGetImage", on: On::Repository },
    Need { action: "ecr:GetDownloadUrlForLayer", on: On::Repository },
    Need { action: "logs:CreateLogStream", on: On::ServiceLog },
    Need { action: "logs:PutLogEvents", on: On::ServiceLog },
];

/// What Access Analyzer needs to generate a policy.
const ACCESS_ANALYZER: &[Need] = &[
    Need { action: "cloudtrail:GetTrail", on: On::Trails },
    Need { action: "iam:GenerateServiceLastAccessedDetails", on: On::Anything },
    Need { action: "iam:GetServiceLastAccessedDetails", on: On::Anything },
    Need { action: "s3:ListBucket", on: On::TrailBucket },
    Need { action: "s3:GetObject", on: On::TrailFiles },
    Need { action: "kms:Decrypt", on: On::TrailKey },
];

/// What ALPHA is never to do to any role.
const NEVER: &[&str] = &["iam:CreateRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"];

impl Part {
    const ALL: [Self; 4] = [Self::Bot, Self::Member, Self::Execution, Self::Evidence];

    /// Its name in a template.
    pub fn id(self) -> &'static str {
        match self {
            Self::Bot => "BotRole",
            Self::Member => "MemberRole",
            Self::Execution => "ExecutionRole",
            Self::Evidence => "EvidenceRole",
        }
    }

    /// The part of that name.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.id() == id)
    }

    /// Whether a stack is to have it.
    pub fn is_made(self, stack: &Stack<'_>) -> bool {
        match self {
            Self::Bot | Self::Member => true,
            Self::Execution => stack.parameter("WithService") == ["true"],
            Self::Evidence => !stack.parameter("TrailBucket").is_empty(),
        }
    }

    /// What it is meant to be granted in a stack.
    pub fn meant(self, stack: &Stack<'_>, tables: Tables<'_>) -> Meant {
        let by = |service: &'static str| move |need: &Need| (*need, format!("{service} needs it"));
        let needs: Vec<(Need, String)> = match self {
            Self::Bot => called(tables, |_| true),
            Self::Member => called(tables, |on| !is_at_home(on)),
            Self::Execution => FARGATE.iter().map(by("Fargate")).collect(),
            Self::Evidence => ACCESS_ANALYZER.iter().map(by("Access Analyzer")).collect(),
        };
        let mut grants: Vec<Meaning> =
            needs.iter().flat_map(|(need, why)| granted(*need, why, stack)).collect();
        if matches!(self, Self::Bot | Self::Member) {
            grants.extend(never(&needs, stack));
        }
        Meant { grants, trust: self.trust(stack) }
    }

    fn trust(self, stack: &Stack<'_>) -> Vec<Meaning> {
        let service = |name: &str| vec![Principal::Service(name.to_owned())];
        let here = || vec![is(OperatorKind::StringEquals, "aws:SourceAccount", vec![ACCOUNT.to_owned()])];
        let named = |name: &str| stack.parameter(name).into_iter().map(Principal::Aws).collect::<Vec<_>>();
        let fargate = (service("ecs-tasks.amazonaws.com"), here(), "Fargate runs it");
        let trusted = match self {
            Self::Bot => vec![fargate, (named("Operators"), Vec::new(), "operators run it elsewhere")],
            Self::Execution => vec![fargate],
            Self::Evidence => {
                vec![(
                    service("access-analyzer.amazonaws.com"),
                    Vec::new(),
                    "Access Analyzer reads the trail by it",
                )]
            }
            Self::Member => {
                let with_id = is(OperatorKind::StringEquals, "sts:ExternalId", stack.parameter("ExternalId"));
                vec![(named("BotRoleArn"), vec![with_id], "ALPHA works by it here")]
            }
        };
        let trusted = trusted.into_iter().filter(|(members, ..)| !members.is_empty());
        trusted.map(|(members, conditions, why)| trusts(members, conditions, why)).collect()
    }
}

fn trusts(members: Vec<Principal>, conditions: Vec<Condition>, why: &str) -> Meaning {
    let mut meaning = meaning(Effect::Allow, "sts:AssumeRole", Vec::new(), conditions, why);
    meaning.statement.resources = None;
    meaning.statement.principal = Some(Principals { negated: false, members });
    meaning
}

/// What the tables need, each action on each kind of resource once, with all that it is for.
fn called(tables: Tables<'_>, counts: impl Fn(On) -> bool) -> Vec<(Need, String)> {
    let mut needs: BTreeMap<(&str, On), Vec<String>> = BTreeMap::new();
    for (adapter, calls) in tables {
        for call in calls.iter().copied().flatten() {
            for need in call.needs.iter().filter(|need| counts(need.on)) {
                let why = format!("{} {} ({adapter})", call.service, call.operation);
                needs.entry((need.action, need.on)).or_default().push(why);
            }
        }
    }
    let whole = |((action, on), why): ((&'static str, On), Vec<String>)| {
        (Need { action, on }, format!("called: {}", why.join(", ")))
    };
    needs.into_iter().map(whole).collect()
}

/// What ALPHA has in its own account alone.
fn is_at_home(on: On) -> bool {
    matches!(
        on,
        On::Table
            | On::Indexes
            | On::Secrets
            | On::Model
            | On::Guardrail
            | On::MemberRoles
            | On::Repository
            | On::ServiceLog
    )
}

fn granted(need: Need, why: &str, stack: &Stack<'_>) -> Vec<Meaning> {
    let places = places(need.on, stack).into_iter().filter(|(resources, _)| !resources.is_empty());
    places
        .map(|(resources, mut conditions)| {
            conditions.extend(limits(need, stack));
            meaning(Effect::Allow, need.action, resources, conditions, why)
        })
        .collect()
}

/// Whatever changes roles in reach is never to change these; and nothing at all is to do some things.
fn never(needs: &[(Need, String)], stack: &Stack<'_>) -> Vec<Meaning> {
    let out_of_reach: Vec<String> = [PATH, "/aws-reserved/", "/aws-service-role/"]
        .into_iter()
        .map(|path| format!("arn:aws:iam::{ACCOUNT}:role{path}*"))
        .chain(stack.parameter("ProtectedRoles"))
        .collect();
    let writes = needs.iter().filter(|(need, _)| need.on == On::RolesInScope).map(|(need, _)| {
        let why = "ALPHA never changes its own roles, AWS's, or protected ones";
        meaning(Effect::Deny, need.action, out_of_reach.clone(), Vec::new(), why)
    });
    let others = NEVER.iter().map(|action| {
        let why = "who becomes a role, new roles, and tags that put one in reach are for others";
        meaning(Effect::Deny, action, vec!["*".to_owned()], Vec::new(), why)
    });
    writes.chain(others).collect()
}

fn meaning(
    effect: Effect,
    action: &str,
    resources: Vec<String>,
    conditions: Vec<Condition>,
    why: &str,
) -> Meaning {
    let selection = |patterns| Some(Selection { negated: false, patterns });
    let statement = Statement {
        sid: None,
        effect,
        principal: None,
        actions: selection(vec![action.to_owned()]),
        resources: selection(resources),
        conditions,
    };
    Meaning { statement, why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
    use crate::preflight::template::Template;
    use crate::preflight::variants::Variant;

    const WRITES: &[Need] = &[
        Need { action: "iam:PutRolePolicy", on: On::RolesInScope },
        Need { action: "iam:AttachRolePolicy", on: On::RolesInScope },
        Need { action: "iam:PutRolePermissionsBoundary", on: On::RolesInScope },
        Need { action: "iam:DeleteRolePermissionsBoundary", on: On::RolesInScope },
        Need { action: "iam:CreatePolicy", on: On::OwnPolicies },
        Need { action: "iam:PassRole", on: On::EvidenceRole },
    ];
    const TABLES: Tables<'_> = &[("roles", &[&[Call { service: "IAM", operation: "All", needs: WRITES }]])];
    const IAM: &str = "arn:aws:iam::111122223333";

    fn decided(action: &str, resource: &str, context: &[(&str, &str)]) -> Decision {
        let template = Template::parse(include_str!("../../infra/alpha.yaml")).unwrap();
        let stack = Stack::new(&template, |name| Variant::Everything.said(name)).unwrap();
        let mut circumstances = Context::closed();
        context.iter().for_each(|(key, value)| circumstances.insert(key, vec![(*value).to_owned()]));
        let request = Request {
            action: action.to_owned(),
            principal: format!("{IAM}:role/alpha-service/bot"),
            resource: Target::Named(format!("{IAM}:{resource}")),
            resource_account: None,
            context: circumstances,
        };
        let identity = vec![document(&Part::Bot.meant(&stack, TABLES).grants)];
        Evaluator::from(PolicySet { identity, ..PolicySet::default() })
            .evaluate_caller_side(&request)
            .decision
    }

    #[test]
    fn what_alpha_is_meant_to_do_stays_within_its_reach() {
        use Decision::{Allowed, ExplicitlyDenied, ImplicitlyDenied};
        let tag = ("aws:ResourceTag/alpha-scope", "narrow");
        let attached = |arn: &'static str| ("iam:PolicyARN", arn);
        let boundary = |arn: &'static str| ("iam:PermissionsBoundary", arn);
        let (own, foreign) =
            ("arn:aws:iam::111122223333:policy/alpha/c", "arn:aws:iam::111122223333:policy/org");
        let put_back = "arn:aws:iam::111122223333:policy/limits/x";
        let to = |service: &'static str| ("iam:PassedToService", service);
        let evidence = "role/alpha-service/alpha-EvidenceRole-0123456789AB";
        for (expected, action, resource, context) in [
            (Allowed, "iam:PutRolePolicy", "role/app/web", vec![tag]),
            (ImplicitlyDenied, "iam:PutRolePolicy", "role/app/web", vec![]),
            (
                ImplicitlyDenied,
                "iam:PutRolePolicy",
                "role/app/web",
                vec![("aws:ResourceTag/alpha-scope", "x")],
            ),
            (ImplicitlyDenied, "iam:PutRolePolicy", "role/other", vec![tag]),
            (ExplicitlyDenied, "iam:PutRolePolicy", "role/app/pay", vec![tag]),
            (ExplicitlyDenied, "iam:PutRolePolicy", "role/alpha-service/bot", vec![tag]),
            (ExplicitlyDenied, "iam:PutRolePolicy", "role/aws-reserved/sso/x", vec![tag]),
            (ExplicitlyDenied, "iam:PutRolePolicy", "role/aws-service-role/ecs/x", vec![tag]),
            (Allowed, "iam:AttachRolePolicy", "role/app/web", vec![tag, attached(own)]),
            (ImplicitlyDenied, "iam:AttachRolePolicy", "role/app/web", vec![tag, attached(foreign)]),
            (Allowed, "iam:PutRolePermissionsBoundary", "role/app/web", vec![tag, boundary(put_back)]),
            (
                ImplicitlyDenied,
                "iam:PutRolePermissionsBoundary",
                "role/app/web",
                vec![tag, boundary(foreign)],
            ),
            (Allowed, "iam:DeleteRolePermissionsBoundary", "role/app/web", vec![tag, boundary(own)]),
            (
                ImplicitlyDenied,
                "iam:DeleteRolePermissionsBoundary",
                "role/app/web",
                vec![tag, boundary(put_back)],
            ),
            (Allowed, "iam:CreatePolicy", "policy/alpha/c", vec![]),
            (ImplicitlyDenied, "iam:CreatePolicy", "policy/alpha-service/c", vec![]),
            (Allowed, "iam:PassRole", evidence, vec![to("access-analyzer.amazonaws.com")]),
            (ImplicitlyDenied, "iam:PassRole", evidence, vec![to("lambda.amazonaws.com")]),
            (ImplicitlyDenied, "iam:PassRole", "role/app/web", vec![to("access-analyzer.amazonaws.com")]),
            (ExplicitlyDenied, "iam:CreateRole", "role/app/web", vec![tag]),
            (ExplicitlyDenied, "iam:TagRole", "role/app/web", vec![tag]),
            (ExplicitlyDenied, "iam:UntagRole", "role/app/web", vec![tag]),
            (ExplicitlyDenied, "iam:UpdateAssumeRolePolicy", "role/app/web", vec![tag]),
            (ImplicitlyDenied, "iam:DeleteRole", "role/app/web", vec![tag]),
        ] {
            assert_eq!(decided(action, resource, &context), expected, "{action} {resource} {context:?}");
        }
    }
}
