"""The figures of answers: right, wrong, abstained, by kinds; what their confidence is worth; each failure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.asking import Outcome
from benchmarks.judging import SURE, Judged, calibration_error, precision, reliability
from benchmarks.report import Row

RIGHT, WRONG, ROWS_RIGHT, ABSTAINED, SURE_RIGHT, MAX_ERROR = 0.85, 0.05, 0.95, 0.85, 0.95, 0.05
ROW = "row"


def rows(name: str, outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the figures of a set: in all, by kind of file, by kind of question."""
    if not outcomes:
        return []
    chats = [each.chat for each in outcomes]
    solved = [each.solution for each in outcomes if each.solution]
    found = [_verdicts(f"{name}: chat", chats, goal=True)]
    if solved:
        found.append(_verdicts(f"{name}: solution", solved, goal=True))
    if by_row := [each.chat for each in outcomes if each.question.kind == ROW]:
        share, bad = _share(by_row), sum(each.bad for each in by_row)
        met = share >= ROWS_RIGHT and not bad
        found.append(
            Row(
                f"{name}: rows by identifier, right",
                f"{share:.1%}",
                f"≥ {ROWS_RIGHT:.0%}, 0 wrong",
                met,
                f"{bad} wrong of {len(by_row)}",
            )
        )
    if never := [each.chat for each in outcomes if each.question.unanswerable]:
        share = _share(never)
        found.append(
            Row(
                f"{name}: unanswerable, abstained",
                f"{share:.1%}",
                f"≥ {ABSTAINED:.0%}",
                share >= ABSTAINED,
                f"of {len(never)}",
            )
        )
    found += _confidence(name, chats)
    quotes, exact = sum(each.quotes for each in outcomes), sum(each.exact for each in outcomes)
    found.append(
        Row(
            f"{name}: quotes word for word",
            f"{exact / quotes:.1%}" if quotes else "none",
            "100 %",
            exact == quotes,
            f"{quotes - exact} of {quotes} not",
        )
    )
    answerable = [each for each in outcomes if not each.question.unanswerable]
    stages = {stage: sum(each.stage == stage for each in answerable) for stage in ("found", "unfound", "unread")}
    besides = f"{stages['unfound']} in a passage that isn't retrieved, {stages['unread']} in no passage"
    found.append(
        Row(f"{name}: answer among the passages", f"{stages['found'] / max(1, len(answerable)):.1%}", besides=besides)
    )
    for what, key in (("files", _file_kind), ("questions", _question_kind)):
        groups = defaultdict(list)
        for each in outcomes:
            groups[key(each)].append(each)
        found += [
            _verdicts(
                f"{name}: {what}: {group}",
                [each.chat for each in groups[group]],
                [each.solution for each in groups[group] if each.solution],
            )
            for group in sorted(groups)
        ]
    return found


def _file_kind(outcome: Outcome) -> str:
    return outcome.file_kind


def _question_kind(outcome: Outcome) -> str:
    return outcome.question.kind


def _verdicts(what: str, judged: Sequence[Judged], solved: Sequence[Judged] = (), *, goal: bool = False) -> Row:
    right, wrong = _share(judged), sum(each.bad for each in judged) / len(judged)
    none = sum(each.verdict == "abstained" for each in judged) / len(judged)
    mixed = sum(each.verdict == "mixed" for each in judged)
    besides = [f"of {len(judged)}"]
    if mixed:
        besides.append(f"{mixed} of the wrong ones right, with a wrong value beside")
    if solved:
        besides.append(
            f"solution {_share(solved):.0%} / {sum(each.bad for each in solved) / len(solved):.0%} of {len(solved)}"
        )
    met = right >= RIGHT and wrong <= WRONG if goal else None
    aim = f"≥ {RIGHT:.0%}, ≤ {WRONG:.0%}" if goal else ""
    return Row(what, f"{right:.1%} / {wrong:.1%} / {none:.1%}", aim, met, "; ".join(besides))


def _confidence(name: str, judged: Sequence[Judged]) -> list[Row]:
    right, sure = precision(judged)
    error = calibration_error(judged)
    bins = ", ".join(
        f"{each.low:.1f}–{each.high:.1f}: {each.right:.0%} of {each.answers}" for each in reliability(judged)
    )
    share = right / sure if sure else 1.0
    return [
        Row(
            f"{name}: right of those with confidence ≥ {SURE}",
            f"{share:.1%}",
            f"≥ {SURE_RIGHT:.0%}",
            share >= SURE_RIGHT,
            f"{right} of {sure}",
        ),
        Row(
            f"{name}: expected calibration error",
            f"{error:.3f}",
            f"≤ {MAX_ERROR}",
            error <= MAX_ERROR,
            f"right by confidence: {bins}",
        ),
    ]


def _share(judged: Sequence[Judged]) -> float:
    return sum(each.right for each in judged) / len(judged)


def by_file_kind(outcomes: Sequence[Outcome]) -> str:
    """Return a Markdown table for docs/retrieval.md: right / wrong / abstained by kind of file, real and made-up."""
    groups = defaultdict(list)
    for each in outcomes:
        groups[("real" if each.of_set == "real" else "made up", each.file_kind)].append(each)
        groups[("real" if each.of_set == "real" else "made up", "all")].append(each)
    lines = ["| files | kind | questions | chat | solution |", "|---|---|---|---|---|"]
    for (which, kind), group in sorted(groups.items(), key=lambda each: (each[0][0] != "real", each[0])):
        solved = [each.solution for each in group if each.solution]
        lines.append(
            f"| {which} | {kind} | {len(group)} | {_three([each.chat for each in group])} | {_three(solved)} |"
        )
    return "\n".join(lines)


def _three(judged: Sequence[Judged]) -> str:
    if not judged:
        return "–"
    bad, none = (sum(each.bad for each in judged), sum(each.verdict == "abstained" for each in judged))
    return f"**{_share(judged):.0%}** / {bad / len(judged):.0%} / {none / len(judged):.0%}"


def show_failures(outcomes: Iterable[Outcome]) -> None:
    """Print each question that chat or solution fails, with what was said and what was expected."""
    for each in outcomes:
        for where, judged in (("chat", each.chat), ("solution", each.solution)):
            if judged is None or judged.right:
                continue
            about = f"[{each.of_set}] {each.question.kind} | {each.question.file} | {where}"
            print(f"\n{about} {judged.verdict} {judged.confidence:.2f} | {each.stage}")
            for turn in each.question.turns:
                print(f"  before:   {turn}")
            print(f"  question: {each.question.text}\n  expected: {each.question.expected}")
            print(f"  answer:   {judged.answer[:700]!r}")
