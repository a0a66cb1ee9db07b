"""The clocks of a task: when each is due and when it is breached, computed from the facts alone.

Nothing is added to an earlier due date: a late fact, a pause or a new priority leads to the same result, whatever the
order of arrival.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workflow_service.domain.calendar import Pause, due, joined
from workflow_service.domain.facts import AGENT, REQUESTER, Facts
from workflow_service.domain.policy import Period, Policy, PolicyChange, periods_of, policies_of, times_with_responses

FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, STEP = "first_response", "next_response", "resolution", "step"
KINDS = (FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, STEP)
RESPONSES = (FIRST_RESPONSE, NEXT_RESPONSE)
RUNNING, PAUSED, ENDED = "running", "paused", "ended"
WARNING_SHARE = 0.75
"""The part of the target after which a warning is due."""
DUE = "due"
"""Why a clock is breached: its time is over. Else a new priority or policy has a target that is over already."""


@dataclass(frozen=True)
class Breach:
    """A clock was not ended in time.

    `at` lies after `due_at` where a new priority or policy made it due in the past, where a step was reached too late,
    and where the clock was paused at that very instant.
    """

    due_at: datetime
    at: datetime
    reason: str = DUE


@dataclass(frozen=True)
class Clock:
    """A clock as the facts have it. `due_at` is None while it is paused, and where its calendar never opens again;
    that of a clock that ended stays."""

    kind: str
    opened_at: datetime
    """Identifies a clock among those of its kind: the start, the message to answer, or the arrival at the step."""
    target: timedelta
    state: str
    due_at: datetime | None
    warn_at: datetime | None
    ended_at: datetime | None
    breaches: tuple[Breach, ...]
    """The breaches until the clock ends; the last one lies in the future while the clock is in time."""
    step: str = ""


@dataclass(frozen=True)
class _Course:
    """The course of one clock: from when it counts, what doesn't count, and when it ended."""

    kind: str
    opened_at: datetime
    pauses: Sequence[Pause]
    ended_at: datetime | None
    counts_from: datetime
    share: float = 1.0
    step: str = ""


@dataclass(frozen=True)
class _Due:
    """The due date of a clock by the target of a period; None where that has no such target, or no end."""

    since: datetime
    due_at: datetime | None
    pauses: Sequence[Pause]
    reason: str


def clocks_of(
    facts: Facts, policy: Policy, changes: Sequence[PolicyChange] = (), *, with_warnings: bool = True
) -> list[Clock]:
    """Return the clocks of a task, in the order in which they began; `warn_at` is None without warnings."""
    policies = policies_of(facts, policy, changes)
    periods = periods_of(facts, policies)
    return [_clock(course, periods, with_warnings=with_warnings) for course in _courses(facts, policies)]


def step_target(target: timedelta, share: float) -> timedelta:
    """Return the part of a target in which a step must be left, in whole seconds."""
    return timedelta(seconds=max(int(target.total_seconds() * share + 1e-6), 1))


def _courses(facts: Facts, policies: Sequence[PolicyChange]) -> Iterator[_Course]:
    holds, finished = facts.holds(), facts.finished()
    spans = times_with_responses(policies)
    for course in _responses(facts, holds, finished) if spans else ():
        cut = _within(course, spans)
        if cut is not None:
            yield cut
    resolved_at = next((pause.start for pause in finished if pause.end is None), None)
    pauses = joined(holds + [pause for pause in finished if pause.end is not None])
    yield _Course(RESOLUTION, facts.start, pauses, resolved_at, facts.start)
    for visit in facts.visits:
        ends = [instant for instant in (visit.left_at, resolved_at) if instant is not None]
        yield _Course(
            STEP, visit.entered_at, pauses, min(ends, default=None), facts.start, visit.share, visit.step
        )  # fmt: skip


def _within(course: _Course, spans: Sequence[Pause]) -> _Course | None:
    """Return the clock of a response as it is where only `spans` have targets; None without one.

    It ends, without a breach, when the targets are taken away; it runs on its first targets from its opening.
    """
    for span in spans:
        if span.end is not None and span.end <= course.opened_at:
            continue
        if course.ended_at is not None and span.start >= course.ended_at > course.opened_at:
            return None
        ends = [instant for instant in (course.ended_at, span.end) if instant is not None]
        return replace(course, ended_at=min(ends, default=None))
    return None


def _responses(facts: Facts, holds: Sequence[Pause], finished: Sequence[Pause]) -> Iterator[_Course]:
    """Yield the clock of the first response, and one for each message of the requester that was not answered at once.

    Resolving answers too; a message to a resolved ticket waits from the reopening on.
    """
    public = sorted((comment for comment in facts.comments if not comment.internal), key=lambda each: each.at)
    replies = [comment.at for comment in public if comment.author_kind == AGENT]
    answers = sorted(replies + [pause.start for pause in finished])
    first = answers[0] if answers else None
    yield _Course(FIRST_RESPONSE, facts.start, holds, first, facts.start)
    answered = first
    for message in (comment.at for comment in public if comment.author_kind == REQUESTER):
        opened_at = _reopened(finished, message)
        if answered is None or opened_at is None or opened_at < answered:
            continue
        answered = next((answer for answer in answers if answer > opened_at), None)
        yield _Course(NEXT_RESPONSE, opened_at, holds, answered, opened_at)


def _reopened(finished: Sequence[Pause], instant: datetime) -> datetime | None:
    """Return an instant, or the end of the pause that covers it; None for a pause without an end."""
    for pause in finished:
        if pause.start <= instant and (pause.end is None or instant < pause.end):
            return pause.end
    return instant


def _clock(course: _Course, all_periods: Sequence[Period], *, with_warnings: bool) -> Clock:
    end = course.ended_at
    if end is not None:
        course = replace(course, pauses=_until(course.pauses, end))
    periods = [period for period in all_periods if end is None or period.since < end] or all_periods[:1]
    # What holds at the opening of a clock that began later counts from its opening on.
    begun = [number for number, period in enumerate(periods) if period.since <= course.opened_at]
    periods = periods[begun[-1] if begun else 0 :]
    dues = [_due(course, period) for period in periods]
    last = periods[-1]
    target, pauses = _target(course, last), dues[-1].pauses
    assert target is not None, "a clock runs only where there is a target"
    paused = end is None and bool(pauses) and pauses[-1].end is None
    due_at = dues[-1].due_at
    warn_at = None
    if with_warnings:
        warn_at = due(last.policy.calendar, course.counts_from, target * WARNING_SHARE, pauses)
    if paused and due_at is not None and due_at >= pauses[-1].start:
        due_at = None
    return Clock(
        kind=course.kind,
        opened_at=course.opened_at,
        target=target,
        state=ENDED if end is not None else PAUSED if paused and due_at is None else RUNNING,
        due_at=due_at,
        warn_at=warn_at,
        ended_at=end,
        breaches=tuple(_breaches(dues, end)),
        step=course.step,
    )


def _until(pauses: Sequence[Pause], end: datetime) -> list[Pause]:
    """Return the pauses until a clock ended: later ones don't move its due date."""
    return [Pause(each.start, min(each.end or end, end)) for each in pauses if each.start < end]


def _target(course: _Course, period: Period) -> timedelta | None:
    policy = period.policy
    targets = policy.response if course.kind in RESPONSES else policy.resolution
    return None if targets is None else step_target(targets[period.priority], course.share)


def _due(course: _Course, period: Period) -> _Due:
    """Return when a clock is due by the target of a period. It counts from the clock's start, whatever was before."""
    target = _target(course, period)
    is_paused = course.kind != FIRST_RESPONSE or period.policy.first_response_pauses
    pauses = joined(course.pauses if is_paused else ())
    due_at = None if target is None else due(period.policy.calendar, course.counts_from, target, pauses)
    return _Due(max(period.since, course.opened_at), due_at, pauses, period.reason)


def _breaches(dues: Sequence[_Due], end: datetime | None) -> Iterator[Breach]:
    """Yield the breaches of a clock whose due date changed in the course of time, one per due date."""
    late = False
    seen: set[datetime] = set()
    for number, (due_at, since) in enumerate((each.due_at, each.since) for each in dues):
        until = dues[number + 1].since if number + 1 < len(dues) else end
        if due_at is None or (until is not None and due_at >= until):
            late = False
            continue
        if due_at > since:
            late = False
        # A paused clock isn't breached: it is once it runs again.
        at = _reopened(dues[number].pauses, max(due_at, since))
        if not late and at is not None and (until is None or at < until):
            late = True
            if due_at not in seen:
                seen.add(due_at)
                yield Breach(due_at, at, dues[number].reason if number and due_at < since else DUE)
