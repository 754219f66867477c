"""Reads a page in protobuf with Google's library and compares it with what it must say.

The messages are described here, so no compiler of theirs is needed. The first argument is the page's address, standard
input is JSON: the samples and families that the page must have. Standard output is a JSON line for each check, as
`roundtrip.py` writes them.
"""

import json
import math
import struct
import sys
import urllib.request

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.decoder import _DecodeVarint32

CONTENT_TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

# https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto; a star is `repeated`.
MESSAGES = {
    "LabelPair": ["string name 1", "string value 2"],
    "Timestamp": ["int64 seconds 1", "int32 nanos 2"],
    "Gauge": ["double value 1"],
    "Counter": ["double value 1", "Exemplar exemplar 2", "Timestamp created_timestamp 3"],
    "Quantile": ["double quantile 1", "double value 2"],
    "Summary": [
        "uint64 sample_count 1", "double sample_sum 2", "Quantile* quantile 3", "Timestamp created_timestamp 4",
    ],
    "Untyped": ["double value 1"],
    "Histogram": [
        "uint64 sample_count 1", "double sample_count_float 4", "double sample_sum 2", "Bucket* bucket 3",
        "Timestamp created_timestamp 15", "sint32 schema 5", "double zero_threshold 6", "uint64 zero_count 7",
        "double zero_count_float 8", "BucketSpan* negative_span 9", "sint64* negative_delta 10",
        "double* negative_count 11", "BucketSpan* positive_span 12", "sint64* positive_delta 13",
        "double* positive_count 14", "Exemplar* exemplars 16",
    ],
    "Bucket": [
        "uint64 cumulative_count 1", "double cumulative_count_float 4", "double upper_bound 2", "Exemplar exemplar 3",
    ],
    "BucketSpan": ["sint32 offset 1", "uint32 length 2"],
    "Exemplar": ["LabelPair* label 1", "double value 2", "Timestamp timestamp 3"],
    "Metric": [
        "LabelPair* label 1", "Gauge gauge 2", "Counter counter 3", "Summary summary 4", "Untyped untyped 5",
        "Histogram histogram 7", "int64 timestamp_ms 6",
    ],
    "MetricFamily": ["string name 1", "string help 2", "int32 type 3", "Metric* metric 4", "string unit 5"],
}

TYPES = ["counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram"]


def family_class():
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package="client", syntax="proto2")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields:
            kind, field_name, number = field.split()
            repeated, kind = kind.endswith("*"), kind.removesuffix("*")
            new = message.field.add(name=field_name, number=int(number))
            new.label = new.LABEL_REPEATED if repeated else new.LABEL_OPTIONAL
            if kind in MESSAGES:
                new.type, new.type_name = new.TYPE_MESSAGE, f".client.{kind}"
            else:
                new.type = getattr(new, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("client.MetricFamily"))


def read(page):
    family_of, families, at = family_class(), [], 0
    while at < len(page):
        length, at = _DecodeVarint32(page, at)
        families.append(family_of.FromString(page[at : at + length]))
        at += length
    return families


def samples(family):
    """The samples that the text format has of a family, but for a gauge histogram's sum and count."""
    name = family.name
    for metric in family.metric:
        labels = {label.name: label.value for label in metric.label}
        if family.type in (4, 5):
            histogram = metric.histogram
            buckets = [(bucket.upper_bound, bucket.cumulative_count) for bucket in histogram.bucket]
            for bound, count in buckets + [(math.inf, histogram.sample_count)]:
                yield f"{name}_bucket", {**labels, "le": bound}, count
            gauge = "g" if family.type == 5 else ""
            yield f"{name}_{gauge}sum", labels, histogram.sample_sum
            yield f"{name}_{gauge}count", labels, histogram.sample_count
        elif family.type == 2:
            for quantile in metric.summary.quantile:
                yield name, {**labels, "quantile": quantile.quantile}, quantile.value
            yield f"{name}_sum", labels, metric.summary.sample_sum
            yield f"{name}_count", labels, metric.summary.sample_count
        else:
            yield name, labels, getattr(metric, TYPES[family.type]).value


def key(name, labels):
    # Bounds and quantiles are numbers, however they are written.
    own = {label: float(text) if label in ("le", "quantile") else text for label, text in labels.items()}
    return name, tuple(sorted((label, repr(text)) for label, text in own.items()))


def short(text):
    return text if len(text) < 200 else f"{text[:200]}… ({len(text)} characters)"


def same(found, sample):
    if sample["integer"] is not None:
        return found == float(sample["integer"])
    wanted = struct.unpack(">d", bytes.fromhex(sample["bits"]))[0]
    return math.isnan(found) if math.isnan(wanted) else struct.pack(">d", found) == struct.pack(">d", wanted)


def main():
    expected = json.load(sys.stdin)
    request = urllib.request.Request(sys.argv[1], headers={"Accept": CONTENT_TYPE})
    with urllib.request.urlopen(request) as response:
        content_type, page = response.headers["Content-Type"], response.read()
    wrong = [] if content_type.startswith(CONTENT_TYPE) else [f"the page is {content_type}"]
    families = read(page)
    by_name = {family.name: family for family in families}
    if len(by_name) != len(families):
        wrong.append("a name stands there twice")
    for family in expected["families"]:
        found = by_name.get(family["name"])
        if family["name"].endswith(("_gsum", "_gcount")):
            continue
        kind = {"unknown": "untyped"}.get(family["type"], family["type"])
        if found is None or (TYPES[found.type].removeprefix("gauge"), found.help) != (
            kind.removeprefix("gauge"),
            family["help"],
        ):
            wrong.append(short(f"{family} is {found and (found.type, found.help)}"))
    told = {}
    for family in families:
        for name, labels, value in samples(family):
            told.setdefault(key(name, labels), []).append(value)
    for sample in expected["samples"]:
        found = told.get(key(sample["name"], sample["labels"]), [])
        if len(found) != 1 or not same(found[0], sample):
            wrong.append(short(f"{sample} is {found}"))
    print(json.dumps({
        "name": "Google's library reads it in protobuf",
        "wrong": "; ".join(wrong[:5]),
        "seen": f"{len(families)} families, {len(expected['samples'])} samples",
    }))


main()
