"""Metrics of several services in one process, and with the database down."""

from collections.abc import Iterator

import pytest
from prometheus_client.core import GaugeMetricFamily
from service_kit.telemetry.metrics import Metrics


def test_the_same_name_is_the_same_metric_and_another_kind_is_refused() -> None:
    metrics = Metrics("x")
    assert metrics.counter("made_total", "Made.", ("kind",)) is metrics.counter("made_total", "Made.", ("kind",))
    with pytest.raises(TypeError, match="made_total"):
        metrics.gauge("made_total", "Made.")


def test_a_gauge_is_read_at_each_scrape() -> None:
    metrics = Metrics("x")
    values = iter([1.0, 2.0])
    metrics.at_scrape("waiting", lambda: [GaugeMetricFamily("waiting", "Waiting.", value=next(values))])
    metrics.at_scrape("waiting", lambda: [GaugeMetricFamily("waiting", "Waiting.", value=99.0)])  # the first one stays
    assert b"\nwaiting 1.0\n" in metrics.render()
    assert b"\nwaiting 2.0\n" in metrics.render()


def test_a_labelled_gauge_has_a_value_per_label() -> None:
    metrics = Metrics("x")
    family = GaugeMetricFamily("dead", "Dead.", labels=["queue"])
    family.add_metric(["a"], 1)
    family.add_metric(["b"], 2)
    metrics.at_scrape("dead", lambda: [family])
    assert b'dead{queue="a"} 1.0\ndead{queue="b"} 2.0\n' in metrics.render()


def test_a_scrape_survives_a_database_that_is_down() -> None:
    metrics = Metrics("x")

    def down() -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("one", "Gauge.", value=1.0)
        raise ConnectionError("gone")

    metrics.at_scrape("tables", down)
    metrics.counter("fine_total", "Fine.").inc()
    text = metrics.render()
    assert b"fine_total 1.0" in text
    assert b"\none" not in text
