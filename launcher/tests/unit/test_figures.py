"""Tables of evaluations and models."""

import io
from typing import Any

from launcher.dashboard import show_dashboard
from launcher.figures import show_confusion, show_everyday, show_figures, show_models, show_overview
from rich.console import Console

METRICS: dict[str, Any] = {
    "examples": 1_200,
    "accuracy": 0.9,
    "macro_f1": 0.88,
    "calibration_error": 0.02,
    "accepted": 0.75,
    "precision": 0.96,
    "confusion": {"HR": {"HR": 9, "Finance": 3}, "Finance": {"Finance": 5, "HR": 1}},
}


def printed(show: Any, *values: Any) -> str:
    target = io.StringIO()
    show(Console(file=target, width=160), *values)
    return target.getvalue()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("│")[1:-1]]


def test_metrics_are_a_row_with_the_fields_names() -> None:
    text = printed(show_figures, {"trained": METRICS, "zero-shot": None})
    for column in ("accuracy", "calibration error", "accepted", "precision"):
        assert column in text
    [row] = [line for line in text.splitlines() if "trained" in line]
    assert cells(row) == ["trained", "1,200", "90.0%", "0.880", "0.020", "75.0%", "96.0%"]
    assert "zero-shot" not in text


def test_without_accepted_answers_there_is_no_precision() -> None:
    text = printed(show_figures, {"trained": METRICS | {"accepted": 0.0, "precision": 0.0}})
    assert [cells(line)[-1] for line in text.splitlines() if "trained" in line] == ["–"]


def test_confusions_are_listed_with_the_most_frequent_first() -> None:
    rows = [cells(line) for line in printed(show_confusion, METRICS).splitlines() if "█" in line]
    assert [row[:3] for row in rows] == [["HR", "Finance", "3"], ["Finance", "HR", "1"]]


def test_without_confusions_nothing_is_printed() -> None:
    assert printed(show_confusion, {"confusion": {"HR": {"HR": 3}}}) == ""


def test_models_without_an_evaluation_have_dashes() -> None:
    model = {"serving": True, "version": "7", "created_at": "2026-01-15T10:30:00Z", "examples": 40, "evaluation": None}
    [row] = [line for line in printed(show_models, [model]).splitlines() if "serves" in line]
    assert cells(row) == ["serves", "7", "2026-01-15 10:30", "40", "–", "–", "–", "–"]


def test_an_overview_without_a_model_says_so() -> None:
    shadow = {"enabled": False, "tickets": 0, "examples": 0, "figures": None}
    overview = {"serving": None, "live": {"figures": None}, "shadow": shadow, "items": []}
    text = printed(show_overview, overview)
    assert "no trained model serves yet" in text
    assert "no prediction was confirmed or corrected yet" in text
    assert "shadow off: 0 tickets read" in text


def test_everyday_tickets_show_counts_and_changed_predictions() -> None:
    before, after = {"correct": 50, "abstained": 8, "misrouted": 2}, {"correct": 52, "abstained": 7, "misrouted": 1}
    change = {
        "title": "Payslip",
        "department": "HR",
        "before": {"outcome": "abstained"},
        "after": {"outcome": "assigned", "department": "HR", "confidence_score": 91.4, "decided_by": "bert"},
    }
    everyday = {"tickets": 60, "departments": [], "before": before, "after": after, "changed": [change]}
    text = printed(show_everyday, everyday)
    assert "50 (8, 2)" in text
    assert "52 (7, 1)" in text
    assert "left to a person" in text
    assert "HR, 91 (assigned, by bert)" in text


def test_the_dashboard_scales_its_bars_and_counts_unrouted_tickets() -> None:
    summary = {
        "by_department": {"HR": 4, "Finance": 2},
        "unrouted": 1,
        "by_status": {"pending": 7},
        "total_tickets": 7,
        "recent_tickets_24h": 3,
        "average_confidence": None,
    }
    text = printed(show_dashboard, summary)
    assert [line.count("█") for line in text.splitlines() if "HR" in line or "Finance" in line] == [30, 15]
    assert "(not routed yet)" in text
    assert "7 tickets, 3 in the last 24 hours, average confidence –" in text
