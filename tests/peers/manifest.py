"""`manifest.yaml`, judged by the schema that Slack publishes for it and by the type that Slack's client has for it."""

import copy
import json
import os
import pathlib

import jsonschema
import yaml

from support import ROOT, Checks, literal, refused, typed

checks = Checks()
manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text())
broken = copy.deepcopy(manifest)
broken["features"]["shortcuts"][0]["name"] = "a name that is longer than Slack allows"
broken["settings"]["interactvity"] = True

folder = pathlib.Path(os.environ.get("ALPHA_SHARED_DATA", ROOT.parent / "shared" / "data"))
schema = folder / "slack-manifest.schema.2.0.0.json"
if schema.exists():
    text = json.loads(schema.read_text())
    validator = jsonschema.validators.validator_for(text)(text)
    checks.same("Slack's schema takes the manifest", [one.message for one in validator.iter_errors(manifest)], [])
    checks.same("and refuses two mistakes", len(list(validator.iter_errors(broken))), 2)
else:
    print(f"skipped: Slack's schema; {schema} is absent")

source = 'import type { AppsManifestCreateArguments } from "@slack/web-api";\n'
source += 'type Manifest = AppsManifestCreateArguments["manifest"];\n'
bogus = copy.deepcopy(manifest)
bogus["oauth_config"]["scopes"]["bot"].append("chat:shout")
told = typed("manifest", source + literal("manifest", "Manifest", manifest) + refused("bogus", "Manifest", bogus))
checks.ok("Slack's type takes the manifest, and refuses a scope that there isn't", not told, told)
checks.finish()
