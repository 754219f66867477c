"""Reads the page of values with Python's client and compares it with what it must say.

The first argument is the page's address. Standard input is JSON: the samples and families that the page must have.
Standard output is a JSON line for each check: its name, what is wrong (none if nothing is), and what was seen.
"""

import collections
import json
import math
import struct
import sys
import urllib.request

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families


def say(name, wrong, seen):
    print(json.dumps({"name": name, "wrong": "; ".join(wrong[:5]), "seen": seen}))


def short(text):
    return text if len(text) < 200 else f"{text[:200]}… ({len(text)} characters)"


def bits(number):
    return struct.pack(">d", number).hex()


def key(name, labels):
    return name, tuple(sorted(labels.items()))


def compare_families(families, expected):
    by_name = {family.name: family for family in families}
    wrong = []
    for family in expected:
        # The client leaves the suffix of a counter's name away.
        name = family["name"].removesuffix("_total") if family["type"] == "counter" else family["name"]
        found = by_name.pop(name, None)
        if found is None:
            wrong.append(f"{name} is absent")
        elif (found.type, found.documentation) != (family["type"], family["help"]):
            wrong.append(f"{name} is a {found.type} {found.documentation!r}, not {family!r}")
    wrong += [f"{name} is unexpected" for name in by_name if name.startswith("peers_")]
    return wrong


def compare_samples(samples, expected):
    wrong = []
    for sample in expected:
        name, labels = key(sample["name"], sample["labels"])
        found = samples.pop((name, labels), [])
        if len(found) != 1:
            wrong.append(short(f"{name}{labels} stands {len(found)} times"))
            continue
        if sample["integer"] is not None:
            # Older clients read every number as a float.
            integer = int(sample["integer"])
            equal = found[0] == (integer if isinstance(found[0], int) else float(integer))
        else:
            number = struct.unpack(">d", bytes.fromhex(sample["bits"]))[0]
            # There is one NaN on a page, whatever its bits were.
            equal = math.isnan(found[0]) if math.isnan(number) else bits(found[0]) == bits(number)
        if not equal:
            wrong.append(short(f"{name}{labels} is {found[0]!r}, not {sample!r}"))
    wrong += [short(f"{unexpected} is unexpected") for unexpected in samples if unexpected[0].startswith("peers_")]
    return wrong


def compare_integers(page, expected):
    """These are read from the lines themselves, whatever the client makes of them."""
    lines = {}
    for line in page.split("\n"):
        series, _, number = line.rpartition(" ")
        lines.setdefault(series, []).append(number)
    wrong, seen = [], []
    for sample in expected:
        if sample["integer"] is None or list(sample["labels"]) != ["case"]:
            continue
        series = f'{sample["name"]}{{case="{sample["labels"]["case"]}"}}'
        numbers = lines.get(series, [])
        if [int(number) for number in numbers] != [int(sample["integer"])]:
            wrong.append(f"{series} reads {numbers}, not {sample['integer']}")
        seen += numbers
    return wrong, ", ".join(seen)


def main():
    expected = json.load(sys.stdin)
    with urllib.request.urlopen(sys.argv[1]) as response:
        content_type = response.headers["content-type"]
        page = response.read().decode("utf-8")
    plain = "text/plain; version=0.0.4; charset=utf-8"
    say("Python is told the format of the page", [] if content_type == plain else [content_type], content_type)

    families = list(text_string_to_metric_families(page))
    samples = collections.defaultdict(list)
    for family in families:
        for sample in family.samples:
            samples[key(sample.name, sample.labels)].append(sample.value)
    seen = f"{len(families)} families"
    say("Python reads types and help texts back", compare_families(families, expected["families"]), seen)
    longest = max(len(text.encode()) for _, labels in samples for _, text in labels)
    seen = f"{len(expected['samples'])} samples, the longest label has {longest} bytes"
    say("Python reads labels and values back, bit for bit", compare_samples(samples, expected["samples"]), seen)
    wrong, seen = compare_integers(page, expected["samples"])
    if wrong or seen:
        say("integers are written in full", wrong, seen)


if __name__ == "__main__":
    main()
