"""What the local classifier costs: reading, judging and learning, in CPU-seconds of one thread."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from ai_service.adapters.local.classifier.examples import LabelInfo
from ai_service.adapters.local.classifier.training import train
from model_kit.encoder import MAX_TOKENS, Encoder, OnnxEncoder, Vectors
from model_kit.model_store import TOKENIZER
from tokenizers import Tokenizer

from benchmarks.labelled import REQUESTS_TEST, REQUESTS_TRAIN, TICKETS, read, shuffled
from benchmarks.machine import median_ratio, percentile
from benchmarks.report import Row

SAMPLE = 480
PADDED_SAMPLE = 48
PAIRS = 3
JUDGED = 300
READ_PER_SECOND = 600
MEDIUM_TOKENS = 64
MEDIUM_PER_SECOND = 150
ONE_TEXT_MS = 8
LEARN_SECONDS = 15


class Padded(OnnxEncoder):
    """Reads every text as long as the longest might be: what running texts of like length together saves."""

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        # One row as long as can be pads all the others; it stands in for the first, so their number stays.
        return super()._run([[0] * MAX_TOKENS, *tokens[1:]])


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU-seconds that this process spends on it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def wall(work: Callable[[], object]) -> float:
    """Return the seconds that it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def with_encoder(folder: Path) -> list[Row]:
    """Texts per CPU-second, both ways in turns."""
    bucketed, padded = OnnxEncoder(folder), Padded(folder)
    rows = []
    for what, name in (("tickets", TICKETS), ("Banking77", REQUESTS_TRAIN)):
        texts = [each.text for each in shuffled(read(name), 0)]
        pairs = [
            (
                SAMPLE / cpu(lambda: bucketed.embed(texts[:SAMPLE])),  # noqa: B023
                PADDED_SAMPLE / cpu(lambda: padded.embed(texts[:PADDED_SAMPLE])),  # noqa: B023
            )
            for _ in range(PAIRS)
        ]
        rate, slow = (median(each) for each in zip(*pairs, strict=True))
        ratio, spread = median_ratio(pairs)
        besides = f"× {ratio:.1f} of {slow:.0f}/s padded to {MAX_TOKENS} tokens, ratios spread {spread:.2f}"
        goal = (f"≥ {READ_PER_SECOND}/s", rate >= READ_PER_SECOND) if name == REQUESTS_TRAIN else ("", None)
        rows.append(Row(f"encoder, {what}, at real lengths", f"{rate:.0f}/CPU-s", *goal, besides))
    return [*rows, _medium(bucketed, folder)]


def _medium(encoder: OnnxEncoder, folder: Path) -> Row:
    """Texts of 64 tokens each: requests on a string, cut there."""
    words = " ".join(text for text, _ in read(REQUESTS_TRAIN)).split()
    texts = [" ".join(words[place : place + MEDIUM_TOKENS]) for place in range(0, SAMPLE * 40, 40)]
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.enable_truncation(MEDIUM_TOKENS)
    cut = [tokenizer.decode(each.ids) for each in tokenizer.encode_batch(texts)]
    rate = median(SAMPLE / cpu(lambda: encoder.embed(cut)) for _ in range(PAIRS))
    return Row(
        f"encoder, texts of {MEDIUM_TOKENS} tokens",
        f"{rate:.0f}/CPU-s", f"≥ {MEDIUM_PER_SECOND}/s", rate >= MEDIUM_PER_SECOND,
    )  # fmt: skip


def learning(encoder: Encoder, folder: Path) -> list[Row]:
    """Training with vectors at hand, then judging: with the vector at hand, and the whole way of a text."""
    bare = OnnxEncoder(folder)
    examples, test = shuffled(read(REQUESTS_TRAIN), 0), shuffled(read(REQUESTS_TEST), 0)[:JUDGED]
    labels = [LabelInfo(label) for label in sorted({each.label for each in examples})]
    encoder.embed([*(each.text for each in examples), *(each.text for each in labels)])
    began = time.process_time()
    head = train(examples, labels, encoder)
    spent = time.process_time() - began
    vectors = encoder.embed([each.text for each in test])
    taken = [
        cpu(lambda: head.classify([each.text], vectors[place : place + 1]))  # noqa: B023
        for place, each in enumerate(test)
    ]
    one = [
        wall(lambda: head.classify([each.text], bare.embed([each.text])))  # noqa: B023
        for each in test
    ]
    together = cpu(lambda: head.classify([each.text for each in test], vectors)) / len(test)
    both = JUDGED / cpu(lambda: head.classify([each.text for each in test], bare.embed([each.text for each in test])))
    p50 = median(one) * 1e3
    return [
        Row(
            f"training, {len(examples):,} labels, {len(labels)} intents",
            f"{spent:.1f} CPU-s", f"≤ {LEARN_SECONDS} CPU-s", spent <= LEARN_SECONDS, "vectors at hand",
        ),
        Row(
            "one text, read and judged, p50",
            f"{p50:.1f} ms", f"≤ {ONE_TEXT_MS} ms", p50 <= ONE_TEXT_MS,
            f"p99 {percentile(one, 0.99) * 1e3:.1f} ms; {JUDGED} together: {both:.0f}/CPU-s",
        ),
        Row(
            "judging one text with its vector at hand",
            f"{median(taken) * 1e3:.2f} ms of CPU",
            besides=f"p99 {percentile(taken, 0.99) * 1e3:.2f} ms; {together * 1e3:.2f} ms each, {JUDGED} together",
        ),
    ]  # fmt: skip
