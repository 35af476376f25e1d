"""What a server counts, for Prometheus. Labels are routes, methods, statuses and rules: never anything of a claim."""

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from scrubber.version import VERSION

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """Counters of one server; safe to share between threads."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each began is of no use
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        Gauge("scrubber_info", "The version that runs.", ("version",), registry=registry).labels(VERSION).set(1)
        self._requests = Counter("scrubber_http_requests", "Requests that were answered.",
                                 ("route", "method", "status"), registry=registry)
        self._seconds = Histogram("scrubber_http_request_seconds", "From the headers of a request to the end of its "
                                  "response.", ("route",), registry=registry, buckets=SECONDS)
        self._claims = Counter("scrubber_claims", "Claims that were scrubbed.", ("route",), registry=registry)
        self._set_aside = Counter("scrubber_claims_set_aside", "Claims that could not be read.", ("route",),
                                  registry=registry)
        self._flags = Counter("scrubber_flags", "Flags by rule.", ("rule",), registry=registry)
        self._scrub_seconds = Histogram("scrubber_scrub_seconds", "What reading and judging took, without the "
                                        "transfer.", ("route",), registry=registry, buckets=SECONDS)
        self.batches = Gauge("scrubber_batches_running", "Batches that are being read, scrubbed or sent.",
                             registry=registry)
        self._refused = Counter("scrubber_refused", "Requests that were refused, by the type of the problem.",
                                ("type",), registry=registry)
        self.stopped = Counter("scrubber_batches_stopped", "Batches that were given up: out of time, or nobody "
                               "listens.", registry=registry)
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a response.

        Args:
            route: The path as the API has it, with {id} for what stands there.
        """
        method = method if method in METHODS else "other"
        counters = self._answered.get((route, method, status))
        if counters is None:
            counters = self._answered[route, method, status] = (self._requests.labels(route, method, str(status)),
                                                                self._seconds.labels(route))
        counters[0].inc()
        counters[1].observe(seconds)

    def refused(self, kind: str) -> None:
        self._refused.labels(kind).inc()

    def scrubbed(self, route: str, claims: int, set_aside: int, flags: Mapping[str, int], seconds: float) -> None:
        """Counts what a scrub gave."""
        self._claims.labels(route).inc(claims)
        if set_aside:
            self._set_aside.labels(route).inc(set_aside)
        for rule, count in flags.items():
            self._flags.labels(rule).inc(count)
        self._scrub_seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it, in the text format of Prometheus."""
        return generate_latest(self._registry)
