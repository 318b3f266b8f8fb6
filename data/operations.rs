//! The operations of AWS's APIs, out of the models in `PyPI`'s `botocore`.
//!
//! A model names its service as the SDK signs and addresses it; which prefix that is in IAM is told by the name itself,
//! by `cloudtrail/sources.tsv`, and by `models.tsv` where a model serves further prefixes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Operations by prefix in IAM.
pub struct Operations {
    names: BTreeMap<String, BTreeSet<String>>,
    /// Services of the SDK that no prefix was found for.
    pub homeless: Vec<String>,
}

#[derive(Deserialize)]
struct Model {
    metadata: Metadata,
    #[expect(clippy::zero_sized_map_values, reason = "only the names matter")]
    operations: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    endpoint_prefix: String,
    signing_name: Option<String>,
}

impl Operations {
    /// Reads all models of an unpacked package; `known` are the prefixes of IAM.
    pub fn read(botocore: &Path, tables: &Path, known: &BTreeSet<&str>) -> Result<Self> {
        let sources: BTreeMap<String, String> =
            super::pairs(&tables.join("cloudtrail/sources.tsv"))?.into_iter().map(Into::into).collect();
        let further = super::pairs(&tables.join("models.tsv"))?;
        let mut found = Self { names: BTreeMap::new(), homeless: Vec::new() };
        for folder in folders(&botocore.join("botocore/data"))? {
            let service = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut housed = false;
            for version in folders(&folder)? {
                let Some(model) = model(&version)? else { continue };
                let mut prefixes = model.metadata.prefixes(&service, &sources);
                prefixes.extend(further.iter().filter(|row| row[0] == service).map(|row| row[1].clone()));
                for prefix in prefixes.iter().filter(|prefix| known.contains(prefix.as_str())) {
                    housed = true;
                    let names = model.operations.keys().map(|name| name.to_ascii_lowercase());
                    found.names.entry(prefix.clone()).or_default().extend(names);
                }
            }
            if !housed {
                found.homeless.push(service);
            }
        }
        Ok(found)
    }

    /// Whether some model is of this prefix.
    pub fn has_model(&self, prefix: &str) -> bool {
        self.names.contains_key(prefix)
    }

    /// Whether an operation has the name, which is in lower case.
    pub fn has(&self, prefix: &str, name: &str) -> bool {
        self.names.get(prefix).is_some_and(|names| names.contains(name))
    }
}

impl Metadata {
    /// What the service may be called in IAM.
    fn prefixes(&self, service: &str, sources: &BTreeMap<String, String>) -> BTreeSet<String> {
        let signing = self.signing_name.as_deref().unwrap_or(&self.endpoint_prefix);
        [signing, &self.endpoint_prefix, service]
            .into_iter()
            .flat_map(|name| {
                let first = name.split('.').next().unwrap_or(name);
                [name.to_owned(), sources.get(name).map_or(first, String::as_str).to_owned()]
            })
            .collect()
    }
}

/// The folders in a folder, in order.
fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(path).with_context(|| path.display().to_string())?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The model of one version of a service's API, where there is one.
fn model(folder: &Path) -> Result<Option<Model>> {
    let (plain, packed) = (folder.join("service-2.json"), folder.join("service-2.json.gz"));
    let (path, is_packed) = if packed.exists() { (packed, true) } else { (plain, false) };
    if !path.exists() {
        return Ok(None);
    }
    let mut file = File::open(&path).with_context(|| path.display().to_string())?;
    let mut text = String::new();
    let read = if is_packed {
        GzDecoder::new(file).read_to_string(&mut text)
    } else {
        file.read_to_string(&mut text)
    };
    read.with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).map(Some).with_context(|| path.display().to_string())
}
