"""Which team a ticket goes to: the one that people give such tickets to, else the one that it resembles most."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

NEAR = 0.4
"""Cosine with a team's description from which on it is believed: single meaningless words reached 0.37."""
LIKE = 0.5
"""Cosine with what people gave a team from which on it is believed: a house's tickets are all a little alike."""
APART = 0.05
"""So much nearer than the second team it must be."""


@dataclass(frozen=True)
class TeamMatch:
    """The best team, how near it is, and whether that is enough."""

    team_id: int
    similarity: float
    believed: bool


def learnt(label: str, similarity: float, doubt: str, active: Collection[int]) -> TeamMatch | None:
    """Return the team that a trained head is sure of; `label` is its number.

    None where the head doubts or its team is gone: then resemblance decides, as far as `beside_learnt` lets it.
    """
    team = next((each for each in active if str(each) == label), None)
    if doubt or team is None:
        return None
    return TeamMatch(team, round(max(similarity, 0.0), 4), True)


def beside_learnt(resembled: TeamMatch | None, labels: Collection[str]) -> TeamMatch | None:
    """Return what a ticket resembles, but believe it of those teams alone that a head in doubt knows nothing of.

    Of the others the head knows more than resemblance does: where it doubted, resemblance was wrong more often than
    right (docs/models.md).
    """
    if resembled is None or str(resembled.team_id) not in labels:
        return resembled
    return replace(resembled, believed=False)


def match(similarities: Mapping[int, float], near: float = NEAR) -> TeamMatch | None:
    """Return the nearest of the teams, given each one's cosine; None without any. From `near` on it is believed."""
    if not similarities:
        return None
    best = max(similarities, key=lambda team: (similarities[team], -team))
    second = max((value for team, value in similarities.items() if team != best), default=-1.0)
    nearest = similarities[best]
    return TeamMatch(best, round(max(nearest, 0.0), 4), nearest >= near and nearest - second >= APART)


def prefer(by_people: TeamMatch | None, by_words: TeamMatch | None, taught: Collection[int]) -> TeamMatch | None:
    """Choose between what people gave teams and what the teams' descriptions say.

    What people decided outranks descriptions, but says nothing about the teams that nobody gave a ticket yet: `taught`
    names the others.
    """
    if by_people is None or by_words is None:
        return by_people or by_words
    if by_words.team_id not in taught:
        return by_people if by_people.believed and by_people.similarity > by_words.similarity else by_words
    if by_people.believed:
        return by_people
    # Where people's tickets point to another team, if only faintly, a description alone is not enough.
    contradicted = by_people.team_id != by_words.team_id and by_people.similarity >= NEAR
    return replace(by_words, believed=by_words.believed and not contradicted)
