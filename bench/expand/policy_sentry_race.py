"""Expands patterns with policy_sentry: PATTERNS OUT."""

import importlib.metadata
import json
import sys
import time

from policy_sentry.analysis.expand import expand
from policy_sentry.querying.all import get_all_actions

PASSES = 3

with open(sys.argv[1]) as file:
    patterns = json.load(file)

everything = sorted(get_all_actions())
best = float("inf")
for _ in range(PASSES):
    start = time.perf_counter()
    results = [expand(pattern) for pattern in patterns]
    best = min(best, time.perf_counter() - start)

with open(sys.argv[2], "w") as file:
    json.dump(
        {
            "name": f"policy_sentry {importlib.metadata.version('policy_sentry')}",
            "seconds": best,
            "all": everything,
            "expanded": dict(zip(patterns, results)),
        },
        file,
    )
