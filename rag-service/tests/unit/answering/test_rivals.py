"""Units that are compared with their strongest rivals."""

from dataclasses import replace

import pytest
from rag_service.domain.answering.units.assessed_passage import AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.rivals import compared, is_comparable, lead_features, score_features
from rag_service.domain.answering.units.unit_model import Comparison, UnitModel, Weights, unit_model
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage

TEXT = "Lorries may stand at the dock for one hour. Bicycles may stand in the yard all day. Dogs stay outside."
PLAIN = Weights((0.0,) * 4, (1.0,) * 4, (0.0, 0.5, 0.0, 8.0), 0.0)
"""Only the leads count."""


def _units(probabilities: tuple[float, ...], cosines: tuple[float | None, ...]) -> list[FoundUnit]:
    [one] = assess("How long may a truck wait at the dock?", [passage(TEXT)], by_words)
    return [
        FoundUnit(one, AssessedUnit(each.unit, probability, cosine=cosine))
        for each, probability, cosine in zip(one.units, probabilities, cosines, strict=True)
    ]


def _comparing() -> UnitModel:
    return replace(unit_model("by_words"), comparison=Comparison(PLAIN, 0.5, ((0.0, 0.0), (1.0, 1.0))))


def test_a_lead_over_every_rival_makes_an_unlikely_unit_likely() -> None:
    found = compared(_units((0.2, 0.02, 0.01), (0.6, 0.2, 0.1)), _comparing())
    assert found[0].core.shown.startswith("Lorries")
    assert found[0].probability > 0.9


def test_two_units_that_are_alike_are_less_sure_than_one_that_leads() -> None:
    alone = compared(_units((0.6, 0.1, 0.1), (0.6, 0.2, 0.1)), _comparing())[0]
    contested = compared(_units((0.6, 0.58, 0.1), (0.6, 0.59, 0.1)), _comparing())[0]
    assert contested.probability < alone.probability - 0.2


def test_what_holds_a_unit_is_no_rival_of_it() -> None:
    one, *_ = _units((0.6, 0.1, 0.1), (0.6, 0.2, 0.1))
    whole = replace(one, unit=replace(one.unit, unit=replace(one.unit.unit, quoted=(0, 1))))
    assert lead_features([one, whole]) == lead_features([one]) * 2


def test_the_best_unit_leads_by_as_much_as_the_next_one_is_behind() -> None:
    first, second, _ = lead_features(_units((0.6, 0.3, 0.1), (0.5, 0.4, 0.1)))
    assert first[3] == pytest.approx(0.1)
    assert second[3] == pytest.approx(-0.1)
    assert first[1] == pytest.approx(-second[1])


def test_a_unit_without_a_cosine_keeps_its_probability() -> None:
    units = _units((0.95, 0.1, 0.1), (None, 0.2, 0.1))
    assert not is_comparable(units[0])
    assert compared(units, _comparing())[0].probability == 0.95


def test_a_model_without_a_comparison_changes_nothing() -> None:
    units = _units((0.3, 0.4, 0.1), (0.6, 0.2, 0.1))
    assert compared(units, unit_model("by_words")) == units


def test_a_unit_without_a_rival_leads_by_nothing() -> None:
    one, *_ = _units((0.6, 0.1, 0.1), (0.6, 0.2, 0.1))
    [(_, lead, _, ahead)] = lead_features([one])
    assert (lead, ahead) == (0.0, 0.0)


def _scored(*scores: float | None) -> list[FoundUnit]:
    units = _units((0.3, 0.3, 0.1), (0.4, 0.4, 0.1))
    return [replace(each, unit=replace(each.unit, score=one)) for each, one in zip(units, scores, strict=True)]


def test_the_score_decides_between_units_that_are_alike() -> None:
    weights = Weights((0.0,) * 6, (1.0,) * 6, (0.0, 0.5, 0.0, 8.0, 0.0, 1.0), 0.0)
    reading = replace(_comparing(), comparison=Comparison(weights, 0.5, ((0.0, 0.0), (1.0, 1.0)), scores=True))
    assert compared(_scored(-2.0, 1.5, -3.0), reading)[0].core.shown.startswith("Bicycles")
    assert compared(_scored(1.5, -2.0, -3.0), reading)[0].core.shown.startswith("Lorries")


def test_a_unit_without_a_score_has_the_least_one() -> None:
    found = _scored(2.0, None, -1.0)
    assert [each[4:] for each in score_features(found)] == [(2.0, 3.0), (-1.0, -3.0), (-1.0, -3.0)]
    assert [each[:4] for each in score_features(found)] == lead_features(found)


def test_without_any_score_none_leads() -> None:
    assert {each[4:] for each in score_features(_scored(None, None, None))} == {(0.0, 0.0)}
