"""Tunes retrieval on the questions that a company saved: requests it, does it, and takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain import tuning
from rag_service.domain.errors import TooFewQuestions
from rag_service.domain.fusion import Fusion
from rag_service.domain.tuning import CANDIDATES, Candidate, Case, Choice
from rag_service.ports import Hit, Query, VectorStore
from rag_service.store import questions, tunings
from rag_service.store.questions import SavedQuestion
from rag_service.store.tunings import PROGRESS_SQL, Tuning
from rag_service.usecases.retrieve import Embed

MAX_ASKED = 1_000
"""Of more saved questions, so many are taken at equal distances. The interval hardly narrows beyond."""
PROGRESS_EVERY = 20

BETTER = "The gain's interval is above 0: the new fusion is in use."
FORCED = "The gain is not sure, but the new fusion is in use, because that was asked for."
UNSURE = "The gain's interval is not above 0: what was in use stays."
BEST = "No other fusion is better than the default on these questions: what was in use stays."


def request_tuning(
    session: Session,
    company_id: int,
    min_questions: int,
    cause: Cause,
    *,
    keep: bool,
    idempotency_key: IdempotencyKey[Tuning],
) -> Tuning:
    """Request a tuning by the worker. `keep`: use the best fusion even if the gain isn't sure.

    Raises TooFewQuestions, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        check_questions(session, company_id, questions.all_of(session, company_id), min_questions)
        number = tunings.request(session, company_id, keep=keep)
        outbox.add(session, events.tuning_requested(company_id, number, keep=keep, cause=cause))
        requested = tunings.find(session, company_id)
        assert requested is not None
        idempotency_key.store(session, requested)
    return requested


def check_questions(session: Session, company_id: int, saved: Sequence[SavedQuestion], min_questions: int) -> list[int]:
    """Return the group of each question; raise TooFewQuestions, which says how many are missing."""
    if len(saved) < min_questions:
        raise TooFewQuestions(
            f"tuning takes at least {min_questions} saved questions, and there are {len(saved)}: "
            f"save {min_questions - len(saved)} more with POST /rag/questions or `smart-ticket rag questions FILE`"
        )
    groups = _groups(
        saved, questions.documents_named(session, company_id, {n for each in saved for n in each.expected})
    )
    if len(set(groups)) < tuning.MIN_GROUPS:
        raise TooFewQuestions(
            f"tuning takes questions about at least {tuning.MIN_GROUPS} documents that have no question in common, and "
            f"there are {len(set(groups))}: save questions about {tuning.MIN_GROUPS - len(set(groups))} more"
        )
    return groups


def tune(
    database: Database, vectors: VectorStore, embed: Embed, company_id: int, number: int, min_questions: int
) -> Choice:
    """Ask the saved questions and return the best fusion. Raises VectorsDown, and TooFewQuestions if some were deleted.

    Each question is looked up once; all fusions order the same candidates.
    """
    with database.session(company_id) as session:
        saved = questions.all_of(session, company_id)
        groups = check_questions(session, company_id, saved, min_questions)
        names = questions.document_names(session, company_id)
    step = max(1.0, len(saved) / MAX_ASKED)
    taken = [int(place * step) for place in range(min(len(saved), MAX_ASKED))]
    total = len(taken) + len(tuning.FUSIONS) + 1
    done = 0

    def progress() -> None:
        nonlocal done
        done += 1
        if done % PROGRESS_EVERY == 0:
            parameters = {"company": company_id, "number": number, "done": done, "total": total}
            database.execute_and_commit(company_id, PROGRESS_SQL, parameters)

    cases = []
    for place in taken:
        rows = embed([saved[place].question])
        query = Query(saved[place].question, None if rows is None else rows[0], CANDIDATES)
        found = vectors.candidates(company_id, query)
        cases.append(case_of(groups[place], saved[place].expected, found, names))
        progress()
    return tuning.choose(cases, progress)


def store_choice(database: Database, company_id: int, number: int, choice: Choice, *, keep: bool) -> bool:
    """Store the result, and use the fusion if its gain is sure or `keep`; return whether it is in use."""
    kept = choice.fusion is not None and (choice.is_sure or keep)
    reason = BEST if choice.fusion is None else BETTER if choice.is_sure else FORCED if keep else UNSURE
    with database.session(company_id) as session, session.begin():
        tunings.store_result(session, company_id, number, report(choice, kept=kept), reason)
        if kept:
            assert choice.fusion is not None
            tunings.use(session, company_id, number, choice.fusion)
    return kept


def roll_back(session: Session, company_id: int, precondition: Precondition[Tuning | None]) -> None:
    """Return to the default fusion; raise PreconditionFailed."""
    with session.begin():
        precondition.check(tunings.find(session, company_id, lock=True))
        tunings.use_default(session, company_id)


def report(choice: Choice, *, kept: bool) -> dict[str, Any]:
    """Return a choice as it is stored and shown."""
    return {
        "fusion": fusion_view(choice.fusion),
        "kept": kept,
        "groups": choice.groups,
        "folds": tuning.FOLDS,
        "k": tuning.K,
        "before": asdict(choice.before),
        "after": asdict(choice.after),
        "gain": {"ndcg": choice.gain, "low": choice.low, "high": choice.high},
        "compared": [{"fusion": fusion_view(each), "ndcg": ndcg} for each, ndcg in choice.compared],
    }


def fusion_view(fusion: Fusion | None) -> dict[str, Any]:
    """Return a fusion as it is shown."""
    if fusion is None:
        return {"name": "default", "method": "default", "weight": None, "k": None}
    return {"name": fusion.name, "method": fusion.method.value, "weight": fusion.weight, "k": fusion.k or None}


def case_of(group: int, expected: Sequence[str], found: Sequence[Hit], names: Mapping[UUID, str]) -> Case:
    """Return a question with its candidates; those whose document was deleted are left out."""
    wanted = frozenset(expected)
    candidates = []
    for hit in found:
        if (name := names.get(hit.document_id)) is not None:
            known_as = (str(hit.chunk_id), str(hit.document_id), name)
            counts_as = next((each for each in known_as if each in wanted), known_as[0])
            cosine = min(1.0, max(0.0, hit.cosine or 0.0))
            candidates.append(Candidate(hit.document_id, counts_as, cosine, hit.share or 0.0, hit.score))
    return Case(group, wanted, tuple(candidates))


def _groups(saved: Sequence[SavedQuestion], documents: Mapping[str, Sequence[str]]) -> list[int]:
    """Return a group per question: those about the same document, and those in the same words, are one."""
    return tuning.groups_of(
        [
            [
                " ".join(each.question.casefold().split()),
                *(("document", d) for n in each.expected for d in documents[n]),
            ]
            for each in saved
        ]
    )
