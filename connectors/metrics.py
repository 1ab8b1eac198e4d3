"""Counters for `/metrics`; counts only, never a word or a sender."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry a gateway, so that tests and several gateways in one process do not collide."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = self._counter("received_total", "messages received", ["channel"])
        self.duplicates = self._counter("duplicates_total", "messages that had come before", ["channel"])
        self.bad_signatures = self._counter("bad_signatures_total", "webhook calls not signed by the platform", ["channel"])
        self.ignored = self._counter("ignored_events_total", "webhook events that hold no message", ["channel"])
        self.levels = self._counter("levels_total", "messages by level", ["level"])
        self.judged_partly = self._counter("judged_partly_total", "messages judged without a part of the screen", ["missing"])
        self.judged_again = self._counter("judged_again_total", "messages judged once more with the whole screen", [])
        self.spooled = self._counter("spooled_total", "messages that went to the spool", [])
        self.brain_silent = self._counter("brain_silent_total", "turns that Rasa did not answer in time", [])
        self.brain_seconds = self._histogram("brain_seconds", "time that Rasa took")
        self.sent = self._counter("sent_total", "messages delivered", ["channel"])
        self.send_failures = self._counter("send_failures_total", "failed deliveries by what was decided", ["channel", "decision"])
        self.first_response_seconds = self._histogram("first_response_seconds", "from receipt to delivery of a first response")
        self.waiting = Gauge("tianang_waiting", "what waits", ["what"], registry=self.registry)

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(f"tianang_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(f"tianang_{name}", text, buckets=SECONDS, registry=self.registry)

    def page(self) -> bytes:
        return generate_latest(self.registry)
