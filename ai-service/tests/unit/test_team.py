"""Which team is accepted: assigned tickets outrank descriptions."""

import pytest
from ai_service.domain.team import MIN_TICKETS_COSINE, TeamMatch, combine, from_head, nearest, reject_known_labels

PEOPLE = TeamMatch(1, 0.7, True)
WORDS = TeamMatch(2, 0.6, True)
UNSURE = TeamMatch(1, 0.45, False)


def test_the_nearest_team_is_accepted_if_it_is_near_and_the_second_is_apart() -> None:
    assert nearest({1: 0.6, 2: 0.5}) == TeamMatch(1, 0.6, True)
    assert nearest({1: 0.6, 2: 0.57}) == TeamMatch(1, 0.6, False)
    assert nearest({1: 0.39}) == TeamMatch(1, 0.39, False)
    assert nearest({1: 0.45}, MIN_TICKETS_COSINE) == TeamMatch(1, 0.45, False)
    assert nearest({}) is None


@pytest.mark.parametrize(
    ("people", "words", "with_tickets", "team", "accepted"),
    [
        (None, None, (), None, None),
        (None, WORDS, (), 2, True),
        (PEOPLE, None, (1,), 1, True),
        (PEOPLE, WORDS, (1, 2), 1, True),  # what people decided outranks a description
        (PEOPLE, TeamMatch(2, 0.9, True), (1, 2), 1, True),
        (PEOPLE, WORDS, (1,), 1, True),  # nearer than the team that nobody gave a ticket
        (PEOPLE, TeamMatch(2, 0.9, True), (1,), 2, True),  # not as near as that one
        (PEOPLE, TeamMatch(2, 0.9, False), (1,), 2, False),
        (UNSURE, WORDS, (1, 2), 2, False),  # people's tickets point elsewhere
        (TeamMatch(1, 0.3, False), WORDS, (1, 2), 2, True),  # too far away to point anywhere
        (UNSURE, WORDS, (1,), 2, True),
        (UNSURE, TeamMatch(1, 0.5, True), (1,), 1, True),  # both mean the same team
    ],
)
def test_assigned_tickets_outrank_descriptions(
    people: TeamMatch | None,
    words: TeamMatch | None,
    with_tickets: tuple[int, ...],
    team: int | None,
    accepted: bool | None,
) -> None:
    chosen = combine(people, words, with_tickets)
    assert (chosen and chosen.team_id, chosen and chosen.accepted) == (team, accepted)


def test_a_trained_head_decides_only_where_it_is_confident_of_an_active_team() -> None:
    assert from_head("7", 0.61234, "", [6, 7]) == TeamMatch(7, 0.6123, True)
    assert from_head("7", -0.2, "", [7]) == TeamMatch(7, 0.0, True)
    assert from_head("7", 0.9, "7 is 40% likely", [6, 7]) is None
    assert from_head("7", 0.9, "", [6]) is None
    assert from_head("a department", 0.9, "", [6, 7]) is None


def test_where_the_head_abstains_similarity_is_accepted_only_for_teams_without_a_label() -> None:
    assert reject_known_labels(TeamMatch(7, 0.9, True), ["6", "7"]) == TeamMatch(7, 0.9, False)
    assert reject_known_labels(TeamMatch(9, 0.9, True), ["6", "7"]) == TeamMatch(9, 0.9, True)
    assert reject_known_labels(None, ["6", "7"]) is None
