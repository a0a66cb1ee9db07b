"""Which team is believed: what people gave it counts before what its description says."""

import pytest
from ai_service.domain.team import LIKE, TeamMatch, beside_learnt, learnt, match, prefer

PEOPLE = TeamMatch(1, 0.7, True)
WORDS = TeamMatch(2, 0.6, True)
UNSURE = TeamMatch(1, 0.45, False)


def test_the_nearest_is_believed_if_it_is_near_and_the_second_is_apart() -> None:
    assert match({1: 0.6, 2: 0.5}) == TeamMatch(1, 0.6, True)
    assert match({1: 0.6, 2: 0.57}) == TeamMatch(1, 0.6, False)
    assert match({1: 0.39}) == TeamMatch(1, 0.39, False)
    assert match({1: 0.45}, LIKE) == TeamMatch(1, 0.45, False)
    assert match({}) is None


@pytest.mark.parametrize(
    ("people", "words", "taught", "team", "believed"),
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
def test_what_people_gave_teams_outranks_descriptions_of_those_teams(
    people: TeamMatch | None, words: TeamMatch | None, taught: tuple[int, ...], team: int | None, believed: bool | None
) -> None:
    chosen = prefer(people, words, taught)
    assert (chosen and chosen.team_id, chosen and chosen.believed) == (team, believed)


def test_a_trained_head_decides_only_where_it_is_sure_of_a_team_that_is_still_there() -> None:
    assert learnt("7", 0.61234, "", [6, 7]) == TeamMatch(7, 0.6123, True)
    assert learnt("7", -0.2, "", [7]) == TeamMatch(7, 0.0, True)
    assert learnt("7", 0.9, "7 is 40% likely", [6, 7]) is None
    assert learnt("7", 0.9, "", [6]) is None
    assert learnt("a department", 0.9, "", [6, 7]) is None


def test_beside_a_head_in_doubt_resemblance_is_believed_of_teams_alone_that_it_does_not_know() -> None:
    assert beside_learnt(TeamMatch(7, 0.9, True), ["6", "7"]) == TeamMatch(7, 0.9, False)
    assert beside_learnt(TeamMatch(9, 0.9, True), ["6", "7"]) == TeamMatch(9, 0.9, True)
    assert beside_learnt(None, ["6", "7"]) is None
