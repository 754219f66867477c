"""The programs of the documents of three Python libraries: counterparts stand in the `.rs` files beside this one.

    pip install prometheus_client aioprometheus pyprometheus
    python3 examples/from_python/originals.py > examples/from_python/originals.txt

Each program gives pages, as its library writes them. Where a number is how long something took, or what time it is, the
page says `measured` instead. What a document only hints at (a body that is `pass`, a loop for ever over random numbers)
has a few fixed calls here.
"""

import asyncio
import contextlib
import os
import re
import time

import aioprometheus
import prometheus_client
import pyprometheus
from aioprometheus.formats.text import TextFormatter
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from pyprometheus.registry import BaseRegistry
from pyprometheus.storage import LocalMemoryStorage
from pyprometheus.utils.exposition import registry_to_text

PROC = os.path.join(os.path.dirname(__file__), "proc")
PROGRAMS = []
# The text format has no place for the time when a series was made; the library puts it into gauges unless told not to.
prometheus_client.disable_created_metrics()


def program(run):
    PROGRAMS.append(run)
    return run


def page(registry, measured=()):
    """What is on a page; `measured` are the samples that differ from run to run."""
    if isinstance(registry, aioprometheus.Registry):
        text = TextFormatter().marshall(registry).decode()
    elif isinstance(registry, BaseRegistry):
        # Without the time when it was written, which stands above the families and behind each number.
        text = re.sub(r" \d{13}$|^# (?!HELP|TYPE).*", "", registry_to_text(registry), flags=re.MULTILINE)
    else:
        text = prometheus_client.generate_latest(registry).decode()
    return "\n".join(masked(line, measured) for line in text.splitlines() if line) + "\n"


def masked(line, measured):
    name = re.split("[{ ]", line, maxsplit=1)[0]
    return f"{line.rsplit(' ', 1)[0]} measured" if name in measured and 'le="+Inf"' not in line else line


# --- prometheus_client: its README, then and now -----------------------------------------------------------------


@program
def client_python_three_steps():
    registry = CollectorRegistry()
    request_time = prometheus_client.Summary(
        "request_processing_seconds", "Time spent processing request", registry=registry
    )

    @request_time.time()
    def process_request(t):
        time.sleep(t)

    for t in [0.001, 0.003, 0.002]:
        process_request(t)
    yield page(registry, ["request_processing_seconds_sum"])


@program
def client_python_counter():
    registry = CollectorRegistry()
    c = prometheus_client.Counter("my_failures", "Description of counter", registry=registry)
    yield page(registry)
    c.inc()
    c.inc(1.6)
    yield page(registry)


@program
def client_python_count_exceptions():
    registry = CollectorRegistry()
    c = prometheus_client.Counter("my_failures", "Description of counter", registry=registry)

    @c.count_exceptions()
    def f(text):
        return int(text)

    for text in ["7", "seven"]:
        with contextlib.suppress(ValueError):
            f(text)
    yield page(registry)
    for text in ["7", "seven"]:
        with contextlib.suppress(ValueError), c.count_exceptions():
            int(text)
    yield page(registry)
    for texts in [["7"], ["seven"], []]:
        with contextlib.suppress(ValueError, IndexError), c.count_exceptions(ValueError):
            int(texts[0])
    yield page(registry)


@program
def client_python_gauge():
    registry = CollectorRegistry()
    g = prometheus_client.Gauge("my_inprogress_requests", "Description of gauge", registry=registry)
    g.inc()
    g.dec(10)
    yield page(registry)
    g.set(4.2)
    yield page(registry)
    g.set_to_current_time()
    yield page(registry, ["my_inprogress_requests"])


@program
def client_python_track_inprogress():
    registry = CollectorRegistry()
    g = prometheus_client.Gauge("my_inprogress_requests", "Description of gauge", registry=registry)

    @g.track_inprogress()
    def f():
        return page(registry)

    yield f()
    with g.track_inprogress():
        yield f()
    with contextlib.suppress(ValueError), g.track_inprogress():
        raise ValueError
    yield page(registry)


@program
def client_python_set_function():
    registry = CollectorRegistry()
    d = prometheus_client.Gauge("data_objects", "Number of objects", registry=registry)
    my_dict = {}
    d.set_function(lambda: len(my_dict))
    yield page(registry)
    my_dict.update(a=1, b=2)
    yield page(registry)


@program
def client_python_summary():
    registry = CollectorRegistry()
    s = prometheus_client.Summary("request_latency_seconds", "Description of summary", registry=registry)
    s.observe(4.7)
    yield page(registry)

    @s.time()
    def f():
        pass

    f()
    with s.time():
        pass
    yield page(registry, ["request_latency_seconds_sum"])


@program
def client_python_histogram():
    registry = CollectorRegistry()
    h = prometheus_client.Histogram("request_latency_seconds", "Description of histogram", registry=registry)
    h.observe(4.7)
    yield page(registry)

    @h.time()
    def f():
        pass

    f()
    with h.time():
        pass
    yield page(registry, ["request_latency_seconds_sum", "request_latency_seconds_bucket"])


@program
def client_python_buckets():
    registry = CollectorRegistry()
    h = prometheus_client.Histogram(
        "my_latency_seconds", "Description of histogram", buckets=[0.1, 1, 10], registry=registry
    )
    for seconds in [0.1, 0.25, 1, 1.5, 10.5]:
        h.observe(seconds)
    yield page(registry)


@program
def client_python_info():
    registry = CollectorRegistry()
    i = prometheus_client.Info("my_build_version", "Description of info", registry=registry)
    i.info({"version": "1.2.3", "buildhost": "foo@bar"})
    yield page(registry)


@program
def client_python_enum():
    registry = CollectorRegistry()
    e = prometheus_client.Enum(
        "my_task_state", "Description of enum", states=["starting", "running", "stopped"], registry=registry
    )
    yield page(registry)
    e.state("running")
    yield page(registry)


@program
def client_python_labels():
    registry = CollectorRegistry()
    c = prometheus_client.Counter("my_requests_total", "HTTP Failures", ["method", "endpoint"], registry=registry)
    yield page(registry)
    c.labels("get", "/").inc()
    c.labels("post", "/submit").inc()
    yield page(registry)
    c.labels(method="get", endpoint="/").inc()
    c.labels(method="post", endpoint="/submit").inc()
    yield page(registry)


@program
def client_python_removal():
    registry = CollectorRegistry()
    c = prometheus_client.Counter("my_requests_total", "HTTP Failures", ["method", "endpoint"], registry=registry)
    for method, endpoint in [("get", "/"), ("get", "/submit"), ("post", "/"), ("post", "/submit")]:
        c.labels(method, endpoint).inc()
    c.remove("get", "/")
    c.remove("get", "/nowhere")
    yield page(registry)
    c.remove_by_labels({"method": "post"})
    yield page(registry)
    c.clear()
    yield page(registry)


@program
def client_python_process_of_another():
    registry = CollectorRegistry()
    pid_file = os.path.join(PROC, "daemon.pid")
    prometheus_client.ProcessCollector(
        namespace="mydaemon", pid=lambda: open(pid_file).read(), proc=PROC, registry=registry
    )
    yield page(registry)


@program
def client_python_registry():
    registry = CollectorRegistry()
    g = prometheus_client.Gauge("raid_status", "1 if raid array is okay", registry=registry)
    g.set(1)
    yield page(registry)
    last = prometheus_client.Gauge(
        "job_last_success_unixtime", "Last time a batch job successfully finished", registry=registry
    )
    last.set_to_current_time()
    yield page(registry, ["job_last_success_unixtime"])
    registry.unregister(last)
    yield page(registry)


class CustomCollector:
    def collect(self):
        yield GaugeMetricFamily("my_gauge", "Help text", value=7)
        c = CounterMetricFamily("my_counter_total", "Help text", labels=["foo"])
        c.add_metric(["bar"], 1.7)
        c.add_metric(["baz"], 3.8)
        yield c
        s = SummaryMetricFamily("my_summary", "Help text", labels=["foo"])
        s.add_metric(["bar"], count_value=4, sum_value=25.2)
        yield s
        h = HistogramMetricFamily("my_histogram", "Help text", labels=["foo"])
        h.add_metric(["bar"], buckets=[("0.5", 1), ("1.0", 3), ("+Inf", 4)], sum_value=4.5)
        yield h


@program
def client_python_custom_collector():
    registry = CollectorRegistry(auto_describe=True)
    registry.register(CustomCollector())
    yield page(registry)
    # It was collected once, so its names are known.
    with contextlib.suppress(ValueError):
        prometheus_client.Gauge("my_counter_total", "Taken", registry=registry)
        raise AssertionError
    with contextlib.suppress(ValueError):
        prometheus_client.Gauge("my_summary_count", "Taken", registry=registry)
        raise AssertionError
    yield page(registry.restricted_registry(["my_gauge", "my_summary_count"]))
    counted = registry.get_sample_value("my_counter_total", {"foo": "baz"})
    below = registry.get_sample_value("my_histogram_bucket", {"foo": "bar", "le": "1.0"})
    yield f'my_counter_total{{foo="baz"}} {counted}\nmy_histogram_bucket{{foo="bar",le="1.0"}} {below}\n'
    assert registry.get_sample_value("my_counter_total", {}) is None


# --- aioprometheus: the user guide, and the documentation before it ----------------------------------------------


@program
def aioprometheus_counter():
    registry = aioprometheus.Registry()
    events_counter = aioprometheus.Counter("events_counter", "Total number of events.", registry=registry)
    events_counter.inc({"kind": "event A"})
    uploads_metric = aioprometheus.Counter("file_uploads_total", "File total uploads.", registry=registry)
    uploads_metric.inc({"type": "png"})
    total_requests = aioprometheus.Counter("total_requests", "Total requests.", {}, registry=registry)
    total_requests.inc({"url": "/p/user"})
    yield page(registry)


@program
def aioprometheus_gauge():
    registry = aioprometheus.Registry()
    ram_metric = aioprometheus.Gauge("memory_usage_bytes", "Memory usage in bytes.", registry=registry)
    ram_metric.set({"type": "virtual"}, 100)
    ram_metric.inc({"type": "virtual"})
    yield page(registry)
    ram_metric.dec({"type": "virtual"})
    ram_metric.add({"type": "virtual"}, 5)
    ram_metric.sub({"type": "virtual"}, -5)
    yield page(registry)
    ram_metric.set({"type": "swap"}, 100.1)
    yield page(registry)
    values = [(labels["type"], value) for labels, value in ram_metric.get_all()]
    assert ram_metric.get({"type": "virtual"}) == 110
    yield "".join(f'memory_usage_bytes{{type="{type}"}} {value}\n' for type, value in values)


@program
def aioprometheus_summary():
    registry = aioprometheus.Registry()
    http_access = aioprometheus.Summary("http_access_time", "HTTP access time", registry=registry)
    http_access.observe({"time": "/static"}, 3.142)
    yield page(registry)
    for seconds in [3, 5.2, 13, 4]:
        http_access.observe({"time": "/data"}, seconds)
    yield page(registry)


@program
def aioprometheus_invariants():
    registry = aioprometheus.Registry()
    http_access = aioprometheus.Summary(
        "http_access_time", "HTTP access time", invariants=[(0.50, 0.05), (0.99, 0.001)], registry=registry
    )
    for seconds in [3, 5.2, 13, 4]:
        http_access.observe({"time": "/static"}, seconds)
    yield page(registry)


@program
def aioprometheus_histogram():
    registry = aioprometheus.Registry()
    http_access = aioprometheus.Histogram("http_access_time", "HTTP access time", registry=registry)
    http_access.observe({"time": "/static"}, 3.142)
    yield page(registry)


@program
def aioprometheus_buckets():
    registry = aioprometheus.Registry()
    http_access = aioprometheus.Histogram(
        "http_access_time", "HTTP access time", buckets=[0.1, 0.5, 1.0, 5.0], registry=registry
    )
    for seconds in [3.142, 0.1, 5.5]:
        http_access.observe({"time": "/static"}, seconds)
    yield page(registry)


@program
def aioprometheus_const_labels():
    without, with_them = aioprometheus.Registry(), aioprometheus.Registry()
    host = "alpha"
    ram_metric = aioprometheus.Gauge("memory_usage_bytes", "Memory usage in bytes.", registry=without)
    ram_metric.set({"type": "virtual", "host": host}, 100)
    ram_metric.set({"type": "swap", "host": host}, 100)
    yield page(without)
    ram_metric = aioprometheus.Gauge(
        "memory_usage_bytes", "Memory usage in bytes.", const_labels={"host": host}, registry=with_them
    )
    ram_metric.set({"type": "virtual"}, 100)
    ram_metric.set({"type": "swap"}, 100)
    yield page(with_them)


@program
def aioprometheus_simple_example():
    registry = aioprometheus.Registry()
    events = aioprometheus.Counter("events", "Number of events.", const_labels={"host": "alpha"}, registry=registry)
    for _ in range(33):
        events.inc({"kind": "timer_expiry"})
    yield page(registry)


@program
def aioprometheus_application():
    registry = aioprometheus.Registry()
    const_labels = {"host": "alpha", "app": "ExampleApp-1"}
    options = {"const_labels": const_labels, "registry": registry}
    requests_metric = aioprometheus.Counter("requests", "Number of requests.", **options)
    ram_metric = aioprometheus.Gauge("memory_usage_bytes", "Memory usage in bytes.", **options)
    cpu_metric = aioprometheus.Gauge("cpu_usage_percent", "CPU usage percent.", **options)
    payload_metric = aioprometheus.Summary(
        "request_payload_size_bytes",
        "Request payload size in bytes.",
        invariants=[(0.50, 0.05), (0.99, 0.001)],
        **options,
    )
    latency_metric = aioprometheus.Histogram(
        "request_latency_seconds", "Request latency in seconds", buckets=[0.1, 0.5, 1.0, 5.0], **options
    )
    for turn in range(1, 6):
        ram_metric.set({"type": "virtual"}, 8192 * turn)
        ram_metric.set({"type": "swap"}, 1024 * turn)
        for core, percent in enumerate([12.5 * turn, 0.5]):
            cpu_metric.set({"core": core}, percent)
        requests_metric.inc({"path": "/"})
        payload_metric.add({"path": "/data"}, 100.5 * turn)
        latency_metric.add({"path": "/data"}, 0.25 * turn)
    yield page(registry)


@program
def aioprometheus_timer():
    registry = aioprometheus.Registry()
    request_time = aioprometheus.Summary(
        "request_processing_seconds", "Time spent processing request", registry=registry
    )

    @aioprometheus.timer(request_time)
    async def handle_request(duration):
        await asyncio.sleep(duration)

    async def handle_requests():
        for duration in [0.001, 0.003, 0.002]:
            await handle_request(duration)

    asyncio.run(handle_requests())
    yield page(registry, ["request_processing_seconds", "request_processing_seconds_sum"])


@program
def aioprometheus_inprogress():
    registry = aioprometheus.Registry()
    requests = aioprometheus.Gauge("request_in_progress", "Number of requests in progress", registry=registry)

    @aioprometheus.inprogress(requests, {"route": "/"})
    async def handle_request():
        await asyncio.sleep(0)
        return page(registry)

    yield asyncio.run(handle_request())
    yield page(registry)


@program
def aioprometheus_count_exceptions():
    registry = aioprometheus.Registry()
    requests = aioprometheus.Counter(
        "request_handler_exceptions", "Number of exceptions in requests", registry=registry
    )

    @aioprometheus.count_exceptions(requests, {"route": "/"})
    async def handle_request(duration):
        if duration < 0.3:
            raise Exception("Ooops")

    async def handle_requests():
        for duration in [0.1, 0.9, 0.29, 0.3, 0.0]:
            with contextlib.suppress(Exception):
                await handle_request(duration)

    asyncio.run(handle_requests())
    yield page(registry)


# --- pyprometheus ------------------------------------------------------------------------------------------------


def pyprometheus_registry():
    return BaseRegistry(storage=LocalMemoryStorage())


@program
def pyprometheus_gauge():
    registry = pyprometheus_registry()
    gauge = pyprometheus.Gauge("job_in_progress", "Description", registry=registry)
    gauge.inc(10)
    gauge.dec(5)
    yield page(registry)
    gauge.set(21.1)
    yield page(registry)
    gauge.set_to_current_time()
    yield page(registry, ["job_in_progress"])
    with gauge.time():
        pass
    yield page(registry, ["job_in_progress"])


@program
def pyprometheus_track_in_progress():
    registry = pyprometheus_registry()
    gauge = pyprometheus.Gauge("job_in_progress", "Description", registry=registry)
    # The gauge itself has this under a name that is not there: a series of it has it.
    tracked = gauge.get_proxy().track_in_progress

    @tracked()
    def f():
        return page(registry)

    yield f()
    with tracked():
        yield f()
    yield page(registry)


@program
def pyprometheus_counter():
    registry = pyprometheus_registry()
    counter = pyprometheus.Counter("requests_total", "Description", registry=registry)
    counter.inc(10)
    yield page(registry)


@program
def pyprometheus_summary():
    registry = pyprometheus_registry()
    s = pyprometheus.Summary("requests_duration_seconds", "Description", registry=registry)
    s.observe(0.100)
    yield page(registry)

    @s.time()
    def func():
        pass

    func()
    with s.time():
        pass
    yield page(registry, ["requests_duration_seconds_sum"])


@program
def pyprometheus_histogram():
    registry = pyprometheus_registry()
    histogram = pyprometheus.Histogram("requests_duration_seconds", "Description", registry=registry)
    histogram.observe(1.1)
    yield page(registry)

    @histogram.time()
    def func():
        pass

    func()
    with histogram.time():
        pass
    yield page(registry, ["requests_duration_seconds_sum", "requests_duration_seconds_bucket"])


@program
def pyprometheus_labels():
    registry = pyprometheus_registry()
    c = pyprometheus.Counter("my_requests_total", "HTTP Failures", ["method", "endpoint"], registry=registry)
    # By position it takes none, whatever its document says.
    c.labels(method="get", endpoint="/").inc()
    c.labels(method="post", endpoint="/submit").inc()
    yield page(registry)


@program
def pyprometheus_text():
    registry = pyprometheus_registry()
    g = pyprometheus.Gauge("raid_status", "1 if raid array is okay", registry=registry)
    g.set(1)
    yield page(registry)


if __name__ == "__main__":
    for run in PROGRAMS:
        for number, text in enumerate(run(), start=1):
            print(f"== {run.__name__} {number}\n{text}", end="")
