"""Reads names of any characters with Python's client, and compares them with what that writes of the same gauges.

Standard input is JSON: the gauges, each with its name, label and value, and the pages, each with its format and escaping.
Standard output is a JSON line for each page: its name, what is wrong (none if nothing is), and what was seen.
"""

import json
import sys

from prometheus_client import CollectorRegistry, Gauge, exposition, parser
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics import parser as openmetrics_parser

FORMATS = {
    "text": (exposition.generate_latest, parser),
    "openmetrics": (openmetrics.generate_latest, openmetrics_parser),
}


def say(name, wrong, seen):
    print(json.dumps({"name": name, "wrong": "; ".join(wrong[:5]), "seen": seen}))


def read(page, parser):
    """The samples, each with the name, type and help of its family."""
    samples = {}
    for family in parser.text_string_to_metric_families(page):
        for sample in family.samples:
            key = (family.name, family.type, family.documentation, sample.name, tuple(sorted(sample.labels.items())))
            samples[key] = sample.value
    return samples


def main():
    given = json.load(sys.stdin)
    gauges = given["gauges"]
    registry = CollectorRegistry()
    for gauge in gauges:
        own = Gauge(gauge["name"], "Help.", [gauge["label"]], registry=registry)
        own.labels(gauge["text"]).set(gauge["value"])
    for page in given["pages"]:
        generate, parser = FORMATS[page["format"]]
        ours = read(page["page"], parser)
        theirs = read(generate(registry, escaping=page["escaping"]).decode("utf-8"), parser)
        wrong = [f"{sample} is absent" for sample in theirs.items() - ours.items()]
        wrong += [f"{sample} is unexpected" for sample in ours.items() - theirs.items()]
        if page["escaping"] == "allow-utf-8":
            names = {sample for _, _, _, sample, _ in ours}
            wrong += [f"{gauge['name']!r} is absent" for gauge in gauges if gauge["name"] not in names]
        if len(ours) != len(gauges):
            wrong.append(f"{len(ours)} samples")
        say(f"Python reads them in {page['format']} by {page['escaping']} as its own", wrong, f"{len(ours)} names")


if __name__ == "__main__":
    main()
