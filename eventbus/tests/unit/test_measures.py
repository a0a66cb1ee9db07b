"""What the messaging counts has a series from the start."""

from eventbus.metrics import MessagingMetrics
from service_kit.telemetry.metrics import Metrics


def test_every_queue_and_every_published_type_counts_from_zero() -> None:
    metrics = Metrics("shop")
    measures = MessagingMetrics(metrics, "shop")
    measures.expect({"shop.pack": ["order.made", "order.gone"]}, ["order.packed"])
    text = metrics.render().decode()
    for outcome in ("applied", "duplicate", "ended", "ignored", "parked", "dead"):
        for event_type in ("order.made", "order.gone"):
            assert f'events_consumed_total{{outcome="{outcome}",queue="shop.pack",type="{event_type}"}} 0.0' in text
    assert 'events_published_total{type="order.packed"} 0.0' in text
    assert 'consumer_retries_total{queue="shop.pack"} 0.0' in text
    assert 'consumer_lag{queue="shop.pack"} 0.0' in text
    assert 'queue_age_seconds_count{queue="shop.pack"} 0.0' in text
    assert 'queue_depth{queue="shop.pack"}' not in text


def test_what_happened_before_is_not_set_back() -> None:
    metrics = Metrics("shop")
    measures = MessagingMetrics(metrics, "shop")
    measures.consumed.labels("shop.pack", "order.made", "applied").inc(3)
    measures.expect({"shop.pack": ["order.made"]}, [])
    assert 'outcome="applied",queue="shop.pack",type="order.made"} 3.0' in metrics.render().decode()
