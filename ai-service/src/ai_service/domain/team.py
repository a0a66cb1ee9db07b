"""Chooses the team of a ticket: by a trained head, else by similarity with tickets and descriptions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

MIN_DESCRIPTION_COSINE = 0.4
"""The cosine from which a team's description is accepted as a match: single meaningless words reached 0.37."""
MIN_TICKETS_COSINE = 0.5
"""The same for a team's tickets: the tickets of one company are all somewhat similar."""
MIN_MARGIN = 0.05
"""By how much the nearest team must be nearer than the second one."""


@dataclass(frozen=True)
class TeamMatch:
    """The nearest team, its cosine, and whether the match is accepted."""

    team_id: int
    similarity: float
    accepted: bool


def from_head(label: str, similarity: float, abstain_reason: str, active: Collection[int]) -> TeamMatch | None:
    """Return the team that a trained head is confident of; `label` is the team's number as text.

    None where the head abstains or the team is no longer active.
    """
    team = next((team_id for team_id in active if str(team_id) == label), None)
    if abstain_reason or team is None:
        return None
    return TeamMatch(team, round(max(similarity, 0.0), 4), True)


def reject_known_labels(match: TeamMatch | None, labels: Collection[str]) -> TeamMatch | None:
    """Return a match by similarity, not accepted if its team is one of the head's labels.

    The head has seen tickets of those teams and abstained; similarity was wrong more often than right there
    (docs/models.md). Teams made since the training are not among the labels.
    """
    if match is None or str(match.team_id) not in labels:
        return match
    return replace(match, accepted=False)


def nearest(similarities: Mapping[int, float], min_cosine: float = MIN_DESCRIPTION_COSINE) -> TeamMatch | None:
    """Return the team with the highest cosine, accepted from `min_cosine` on; None without any team."""
    if not similarities:
        return None
    best = max(similarities, key=lambda team: (similarities[team], -team))
    second = max((value for team, value in similarities.items() if team != best), default=-1.0)
    cosine = similarities[best]
    return TeamMatch(best, round(max(cosine, 0.0), 4), cosine >= min_cosine and cosine - second >= MIN_MARGIN)


def combine(
    by_tickets: TeamMatch | None, by_description: TeamMatch | None, with_tickets: Collection[int]
) -> TeamMatch | None:
    """Choose between the match by tickets that people assigned and the match by descriptions.

    Assigned tickets outrank descriptions, but only for the teams that have any: `with_tickets`.
    """
    if by_tickets is None or by_description is None:
        return by_tickets or by_description
    if by_description.team_id not in with_tickets:
        is_nearer = by_tickets.accepted and by_tickets.similarity > by_description.similarity
        return by_tickets if is_nearer else by_description
    if by_tickets.accepted:
        return by_tickets
    # Where assigned tickets point to another team, if only faintly, a description alone is not enough.
    contradicted = by_tickets.team_id != by_description.team_id and by_tickets.similarity >= MIN_DESCRIPTION_COSINE
    return replace(by_description, accepted=by_description.accepted and not contradicted)
