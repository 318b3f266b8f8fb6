"""The table of a race: medians over its rounds, and ratios within each round."""
import json
import sys
from collections import defaultdict
from statistics import median

rows = defaultdict(list)
for line in open(sys.argv[1], encoding="utf-8"):
    server, way, command, result = line.split(" ", 3)
    rows[server, way, command].append(json.loads(result))

for command in ("help", "analyze"):
    print(f"/alpha {command}")
    own = [row["rate"] for row in rows["alpha", "flood", command]]
    for server in dict.fromkeys(server for server, _, _ in rows):
        flood = [row["rate"] for row in rows[server, "flood", command]]
        pace = rows[server, "pace", command]
        ratios = sorted(ours / theirs for ours, theirs in zip(own, flood))
        ratio = "" if server == "alpha" else f"  alpha: {median(ratios):5.1f}x ({ratios[0]:.1f} to {ratios[-1]:.1f})" if ratios else ""
        used = median(row["used"] / row["acknowledged"] for row in rows[server, "flood", command])
        times = "  ".join(f"{name} {median(row[name] for row in pace):6.2f} ms" for name in ("p50", "p99", "most"))
        print(f"  {server:8} {median(flood):8.0f} a second, {used:6.1f} us of processor each   at 200 a second: {times}{ratio}")
