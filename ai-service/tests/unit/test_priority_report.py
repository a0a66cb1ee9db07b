"""How often people changed the priorities that were proposed."""

from ai_service.domain.priority.report import by_level


def test_the_report_has_every_level_and_correct_sums() -> None:
    low, medium, high, urgent = by_level([("low", "low", 5), ("low", "urgent", 2), ("urgent", "high", 1)])
    assert (low.tickets, low.kept, low.changed) == (7, 5, {"medium": 0, "high": 0, "urgent": 2})
    assert (medium.tickets, high.kept) == (0, 0)
    assert (urgent.tickets, urgent.kept, urgent.changed["high"]) == (1, 0, 1)
