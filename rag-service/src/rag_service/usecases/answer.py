"""Answers tickets and questions from a company's passages: by a writer if there is one, else extractively."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from rag_service.domain.answering import refusal as refusals
from rag_service.domain.answering.answer import Mode, Stage, steps_of
from rag_service.domain.answering.approved import ApprovedCandidate, find_same_question
from rag_service.domain.answering.citation import Cited, sources_of
from rag_service.domain.answering.editions.editions import with_newest
from rag_service.domain.answering.extraction import Extracted, extract
from rag_service.domain.answering.language.spelling import KnowsWord, has_unknown_word, respelled
from rag_service.domain.answering.message.asked import asked_in
from rag_service.domain.answering.message.continuation import continuation
from rag_service.domain.answering.message.conversation import Turn, is_follow_up, standalone_question
from rag_service.domain.answering.message.questions import parts_of
from rag_service.domain.answering.message.search_query import search_query, wordings
from rag_service.domain.answering.message.smalltalk import small_talk_reply
from rag_service.domain.answering.message.variants import about_variant
from rag_service.domain.answering.refusal import REFUSALS, Refusal
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.answering.units.unit_model import WEIGHTS
from rag_service.domain.passage import Passage
from rag_service.usecases.answer_options import DEFAULT, Options
from rag_service.usecases.assess_passages import Embed, Score
from rag_service.usecases.attempts import are_rows, joined, joined_answers
from rag_service.usecases.final_answers import cited_answer, final_answer
from rag_service.usecases.finding import Finder, Retrieve
from rag_service.usecases.further_attempts import code_by_code, from_other_languages, further_reader, of_asked_kind
from rag_service.usecases.readers import Reader, Readers
from rag_service.usecases.results import ChatAnswer, Solution
from rag_service.usecases.table_answers import RowsOf, answered_from_table, no_rows
from rag_service.usecases.translated import answered_in_further_words
from rag_service.usecases.writer import Draft, Writer, WriterFailed, verified, writer_confidence
from rag_service.usecases.writer_calls import WriterCalls

FindApproved = Callable[[str], Sequence[ApprovedCandidate]]
"""Takes a question; returns the approved answers to near questions, with their cosines."""

MAX_MESSAGE_CHARACTERS = 100_000
"""Characters of a ticket or message in which its questions are looked for."""
MAX_WRITTEN_CHARACTERS = 20_000
"""Characters of them that the writer gets."""


class Answerer:
    """Answers for one company; its retriever reaches no other company's passages. Stores nothing."""

    def __init__(
        self,
        retrieve: Retrieve,
        embed: Embed | None = None,
        writer: Writer | None = None,
        *,
        approved: FindApproved = lambda _question: (),
        options: Options = DEFAULT,
        rows_of: RowsOf = no_rows,
        knows: KnowsWord | None = None,
        embed_others: Embed | None = None,
        score: Score | None = None,
        weights: Path = WEIGHTS,
    ) -> None:
        """`embed` None: lexical features alone decide. `embed_others`: reads what is not English; None: `embed` does.

        `writer` None (no key or no budget left): extractive answers. `rows_of` reads whole tables, for questions such
        as which article is the cheapest. `knows` None: typing errors stay.
        `score`: see `Readers`. `weights`: the models' file.
        """
        self._embed = embed
        self._writer = writer
        self._approved = approved
        self._options = options
        self._rows_of = rows_of
        self._knows = knows
        self._embed_others = embed_others
        self._readers = Readers(embed, embed_others, weights, score)
        self._finder = Finder(retrieve, self._readers, options.retrieved, options.min_score)

    def solution(self, description: str, context: str = "") -> Solution:
        """Return the steps that may solve a ticket; without support none, and `needs_human`."""
        description, context = description[:MAX_MESSAGE_CHARACTERS], context[:MAX_WRITTEN_CHARACTERS]
        wanted = refusals.refusal_before_search(description)
        if not description.strip() or (wanted and wanted.reason in ("unsafe", "injection")):
            return Solution("extractive", (), 0.0, (), True, wanted or REFUSALS["no_knowledge"])
        question = search_query(description)
        if known := find_same_question(question, self._approved(question), self._options.min_cosine):
            cited, sources, answer_confidence = cited_answer(known)
            return Solution("approved", steps_of(cited, sources), answer_confidence, tuple(sources), False)
        calls = WriterCalls()
        parts = parts_of(description)
        # The ticket as one query, where it asks nothing or its questions are not answered one by one.
        tried = [self._answered([*wordings(each), *([question] if len(parts) == 1 else [])], calls, context)
                 for each in parts]  # fmt: skip
        passages = joined(found for found, _ in tried)
        mode, found, answer_confidence, why = self._write(
            lambda writer: writer.solve(description[:MAX_WRITTEN_CHARACTERS], context, passages),
            lambda: joined_answers(extracted for _, extracted in tried), question, passages, calls,
        )  # fmt: skip
        sources = sources_of(found, [each.passage for each in passages])
        return Solution(
            mode,
            steps_of(found, sources),
            answer_confidence,
            tuple(sources),
            not any(each.certain for each in found),
            why,
            tuple(calls.usages),
            tuple(calls.failures),
        )

    def chat(self, message: str, turns: Sequence[Turn] = ()) -> Iterator[Stage | ChatAnswer]:
        """Yield the stages, then the answer; `turns` are the conversation's, oldest first."""
        yield Stage("understanding")
        message = message[:MAX_MESSAGE_CHARACTERS]
        if friendly := small_talk_reply(message):
            yield ChatAnswer(friendly, question=message, confidence=1.0)
            return
        refused = refusals.refusal_before_search(message)
        if refused or not message.strip():
            refused = refused or REFUSALS["no_knowledge"]
            yield ChatAnswer(refused.message, refusal=refused, needs_human=refused.needs_human, question=message)
            return
        calls = WriterCalls()
        whole = self._standalone_question(message, turns, calls)
        yield Stage("searching")
        if known := find_same_question(whole, self._approved(whole), self._options.min_cosine):
            cited, sources, answer_confidence = cited_answer(known)
            yield final_answer("approved", whole, cited, sources, answer_confidence, calls)
            return
        tried = self._tried(message, whole, turns, calls)
        passages = joined(found for found, _ in tried.values())
        yield Stage("reading")
        extracted = {question: found for question, (_, found) in tried.items()}
        if self._writer and passages:
            yield Stage("writing")
        mode, cited, answer_confidence, why = self._write(
            lambda writer: writer.answer(whole[:MAX_WRITTEN_CHARACTERS], turns, passages),
            lambda: joined_answers(extracted.values()), whole, passages, calls,
        )  # fmt: skip
        yield Stage("checking")
        if why:
            yield replace(
                final_answer(mode, whole, (), (), 0.0, calls),
                answer=why.message,
                refusal=why,
                needs_human=why.needs_human,
            )
            return
        sources = sources_of(cited, [each.passage for each in passages])
        # The writer reports open questions itself; extractive answers cannot.
        unanswered, notes = [], []
        if mode == "extractive":
            unanswered = [question for question, found in extracted.items() if not found.cited]
            notes = list(dict.fromkeys(note for found in extracted.values() for note in found.notes))
        yield final_answer(mode, whole, cited, sources, answer_confidence, calls, notes, unanswered)

    def _tried(
        self, message: str, whole: str, turns: Sequence[Turn], calls: WriterCalls
    ) -> dict[str, tuple[list[AssessedPassage], Extracted]]:
        """Return the passages and the answer of each question of a message; `whole` is the standalone question.

        A short question is looked for in the documents of the last answer before it is looked for everywhere, unless it
        was completed from the question before.
        """
        followed = None if self._writer else continuation(message, turns)
        if followed and whole == message:
            found = self._answered([followed.question], calls, within=followed.documents or None)
            if followed.bound or found[1].cited:
                return {whole: found}
        tried = {question: self._answered(each, calls) for question, each in asked_in(message, whole, turns).items()}
        if whole != message:
            tried = {each: (found, about_variant(message, found, answer)) for each, (found, answer) in tried.items()}
        if followed and not any(extracted.cited for _, extracted in tried.values()):
            return {whole: self._answered([followed.question], calls, within=followed.documents or None)}
        return tried

    def _standalone_question(self, message: str, turns: Sequence[Turn], calls: WriterCalls) -> str:
        if self._writer and turns and is_follow_up(message):
            try:
                rewritten = self._writer.rewrite(message, turns)
                calls.add(rewritten.used)
                # Prompt injection of earlier turns must not return as the user's own question.
                if refusals.refusal_before_search(rewritten.question) is None:
                    return rewritten.question
            except WriterFailed as failure:
                calls.failed(failure)
        return standalone_question(message, turns)

    def _answered(
        self, queries: Sequence[str], calls: WriterCalls, context: str = "", within: frozenset[UUID] | None = None
    ) -> tuple[list[AssessedPassage], Extracted]:
        """Return the passages and the answer of the first query that has one; else those of the first query.

        Of several rows, a later query may tell which one is meant. `within`: the documents to look in; None: all.
        """
        first: tuple[list[AssessedPassage], Extracted] | None = None
        for query in dict.fromkeys(queries):
            found, extracted = self._attempt(calls, context, within, query)
            narrowed = first is not None and {each.text for each in extracted.cited} < {
                each.text for each in first[1].cited
            }
            if first is None or (extracted.cited and (narrowed or not first[1].cited)):
                first = found, extracted
            if first[1].cited and not are_rows(*first):
                break
        if first is None:
            return [], Extracted()
        if self._writer:
            return first
        if not first[1].cited and (self._readers.scoring or len(first[0]) < self._options.used):
            again = self._attempt(calls, context, within, queries[0], further=True)
            first = again if again[1].cited else first
        first = answered_in_further_words(
            queries[0],
            first,
            self._finder,
            self._embed_others,
            self._knows,
            partial(self._attempt, calls, context, within),
        )
        if first[1].cited:
            return first
        question, least = queries[0], self._options.min_probability
        foreign = from_other_languages(
            question,
            lambda: self._finder.in_other_languages(question, context, within),
            lambda passages, reader: self._assessed(question, passages, calls, reader),
            least,
        )
        each = code_by_code(question, lambda about: self._answered([about], calls, context, within))
        return foreign or each or first

    def _attempt(
        self, calls: WriterCalls, context: str, within: frozenset[UUID] | None, query: str,
        least: float | None = None, instead: Sequence[str] = (), *, further: bool = False,
    ) -> tuple[list[AssessedPassage], Extracted]:  # fmt: skip
        """`least`: the probability from which a unit is quoted; None: that of the options. `instead`: see `extract`.
        `further`: also of passages below the least score, and English by the answer encoder."""
        # Passages below the least score make other units look less or more likely: for the writer, or as a last try.
        fill = self._writer is not None or further or least is not None or bool(instead)
        every = further and self._readers.scoring is not None
        passages, reader = self._finder.found(query, context, within, fill=fill, every=every)
        near = self._finder.further(query) if has_unknown_word(query, passages, self._knows) else passages
        if (spelled := respelled(query, near, self._knows)) != query:
            query = spelled
            passages, reader = self._finder.found(query, context, within, fill=fill, every=every)
        if further:
            reader, least = further_reader(reader, self._readers)
        found = self._assessed(query, passages, calls, reader)
        least = self._options.min_probability if least is None else least
        extracted = extract(query, found, reader.model, least, date.today(), instead)
        extracted = of_asked_kind(query, extracted) if further else extracted
        return answered_from_table(query, found, extracted, self._rows_of)

    def _assessed(
        self, question: str, passages: Sequence[Passage], calls: WriterCalls, reader: Reader
    ) -> list[AssessedPassage]:
        if not (self._options.rerank and self._writer and len(passages) > self._options.used):
            return reader.assess(question, with_newest(passages, self._options.used))
        assessed = reader.assess(question, passages)
        try:
            ranked = self._writer.rerank(question, assessed)
        except WriterFailed as failure:
            calls.failed(failure)
            kept = {each.chunk_id for each in passages[: self._options.used]}
            return [each for each in assessed if each.passage.chunk_id in kept]
        calls.add(ranked.used)
        return [assessed[index] for index in ranked.order][: self._options.used]

    def _write(
        self,
        draft: Callable[[Writer], Draft],
        extracted: Callable[[], Extracted],
        question: str,
        passages: Sequence[AssessedPassage],
        calls: WriterCalls,
    ) -> tuple[Mode, list[Cited], float, Refusal | None]:
        """Return the mode, the cited sentences, the confidence, and the refusal if there are none."""
        nothing = refusals.refusal_after_search(question, found=bool(passages))
        if self._writer and passages and not calls.is_unhealthy:
            try:
                written = draft(self._writer)
            except WriterFailed as failure:
                calls.failed(failure)
            else:
                calls.add(written.used)
                found = verified(written, passages, self._embed)
                why = REFUSALS[written.refusal] if written.refusal else nothing
                return (
                    "claude",
                    found,
                    writer_confidence(found, passages, self._readers.english.model),
                    None if found else why,
                )
        answer = extracted()
        return "extractive", list(answer.cited), answer.confidence, None if answer.cited else nothing
