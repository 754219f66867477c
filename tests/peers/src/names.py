"""Reads names of any characters with Python's client, and compares them with what that writes of the same gauges.

The first argument is the page's address. Standard input is JSON: the gauges, each with its name, label and value.
Standard output is a JSON line for each check: its name, what is wrong (none if nothing is), and what was seen.
"""

import json
import sys
import urllib.request

from prometheus_client import CollectorRegistry, Gauge, exposition, parser
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics import parser as openmetrics_parser

FORMATS = [
    ("text/plain;version=1.0.0", exposition.generate_latest, parser),
    ("application/openmetrics-text;version=1.0.0", openmetrics.generate_latest, openmetrics_parser),
]


def say(name, wrong, seen):
    print(json.dumps({"name": name, "wrong": "; ".join(wrong[:5]), "seen": seen}))


def fetch(address, accept):
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accept})) as response:
        return response.headers["content-type"], response.read().decode("utf-8")


def read(page, parser):
    """The samples, each with the name, type and help of its family."""
    samples = {}
    for family in parser.text_string_to_metric_families(page):
        for sample in family.samples:
            key = (family.name, family.type, family.documentation, sample.name, tuple(sorted(sample.labels.items())))
            samples[key] = sample.value
    return samples


def main():
    gauges = json.load(sys.stdin)
    registry = CollectorRegistry()
    for gauge in gauges:
        own = Gauge(gauge["name"], "Help.", [gauge["label"]], registry=registry)
        own.labels(gauge["text"]).set(gauge["value"])
    for accept, generate, parser in FORMATS:
        for escaping in ("allow-utf-8", "underscores", "dots", "values"):
            content_type, page = fetch(sys.argv[1], f"{accept};escaping={escaping}")
            wrong = [] if content_type.endswith(f"; escaping={escaping}") else [f"it is {content_type}"]
            ours = read(page, parser)
            theirs = read(generate(registry, escaping=escaping).decode("utf-8"), parser)
            wrong += [f"{sample} is absent" for sample in theirs.items() - ours.items()]
            wrong += [f"{sample} is unexpected" for sample in ours.items() - theirs.items()]
            if escaping == "allow-utf-8":
                names = {sample for _, _, _, sample, _ in ours}
                wrong += [f"{gauge['name']!r} is absent" for gauge in gauges if gauge["name"] not in names]
            if len(ours) != len(gauges):
                wrong.append(f"{len(ours)} samples")
            format = accept.partition(";")[0]
            say(f"Python reads names in {format} by {escaping} as its own", wrong, f"{len(ours)} names")


if __name__ == "__main__":
    main()
