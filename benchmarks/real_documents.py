"""Are answers on real documents right, wrong or honest? `python -m benchmarks.real_documents --help`

Without Claude. Real files with questions are in the folder `real_documents` of BENCH_DATA; made-up files of every kind
are written by seed, in two halves: tune on `at_hand` alone, and see on `held_out` what it is worth. The files and
questions of `everyday` were written by hand, and each of its companies is asked with weights taught without it. So
were those of `written`, which nothing is taught or tuned on.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from model_kit.provision import ProvisioningFailed, provision
from rag_service.domain.answering.units.unit_model import WEIGHTS
from threadpoolctl import threadpool_limits

from benchmarks.asking import Outcome, asked, tell
from benchmarks.company import ENCODER, KINDS, Encoders
from benchmarks.everyday_documents import COMPANIES, everyday, left_out
from benchmarks.labelled import NoData
from benchmarks.probes.corpus import probes
from benchmarks.probes.draw import HALVES
from benchmarks.probes.model import File, Question
from benchmarks.report import Row, Table
from benchmarks.verdicts import by_file_kind, rows, show_failures
from benchmarks.written_documents import written

FOLDER = "real_documents"
OURS = Path(__file__).with_name("real_questions.jsonl")
SETS = ("real", *HALVES, "everyday", "written")


def main(arguments: Sequence[str] = ()) -> Table:
    """Run the questions and return the table; without data or encoder it says why it is empty."""
    options = _options().parse_args(list(arguments))
    table = Table("Answers on real documents without Claude: right / wrong / abstained")
    try:
        provision(ENCODER, "package", install=False, report=tell)
    except ProvisioningFailed as reason:
        table.rows.append(Row("skipped", "not measured", besides=str(reason).splitlines()[0]))
        return table
    encoders = Encoders()
    everything: list[Outcome] = []
    with threadpool_limits(1):
        for name in SETS if options.set == "all" else [options.set]:
            try:
                companies = _set(name, options.seed)
            except NoData as reason:
                table.rows.append(Row(f"{name}: skipped", "not measured", besides=str(reason)))
                continue
            outcomes: list[Outcome] = []
            for files, questions, weights in companies:
                wanted = [each for each in questions if _chosen(each, options)]
                outcomes += asked(name, files, wanted, encoders, weights=weights, solutions=not options.no_solution)
            table.rows += rows(name, outcomes)
            everything += outcomes
    if options.markdown:
        print(by_file_kind(everything))
    if options.failures:
        show_failures(everything)
    return table


def untaught(company: str) -> Path:
    """Return the weights that weren't taught on a company: those without it, or all where it came later."""
    without = left_out(company)
    return without if without.exists() else WEIGHTS


def _set(name: str, seed: int) -> list[tuple[list[File], list[Question], Path]]:
    """Return each company's files, the questions about them, and the weights of the models that answer them."""
    if name == "real":
        return [(*real(), WEIGHTS)]
    if name == "everyday":
        return [(*each, untaught(company)) for company, each in zip(COMPANIES, everyday(), strict=True)]
    if name == "written":
        return [(*each, WEIGHTS) for each in written(seed)]
    made = probes(name, seed)
    files = [file for probe in made for file in probe.files]
    return [(files, [each for probe in made for each in probe.questions], WEIGHTS)]


def real() -> tuple[list[File], list[Question]]:
    """Return the real files and the questions about them: those that came with them, and ours. Raises NoData."""
    folder = Path(os.environ.get("BENCH_DATA", ""), FOLDER)
    try:
        given = _questions(folder / "questions.jsonl", "real")
        paths = [each for each in sorted(folder.iterdir()) if each.suffix[1:] in KINDS and each.name != "README.md"]
        files = [File(each.name, each.read_bytes()) for each in paths]
    except OSError as error:
        raise NoData(f"BENCH_DATA names no folder with {FOLDER}: {error.strerror}") from None
    names = {each.name for each in files}
    return files, [*given, *(each for each in _questions(OURS, "real, ours") if each.file in names)]


def _questions(path: Path, kind: str) -> list[Question]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Question(
            each["question"],
            each["expected"],
            kind if each["expected"] != "abstain" else f"{kind}, unanswerable",
            each["file"],
        )
        for each in lines
    ]


def _chosen(question: Question, options: argparse.Namespace) -> bool:
    return (
        (not options.kind or options.kind.lower() in question.kind.lower())
        and (not options.file or options.file.lower() in question.file.lower())
        and (not options.question or options.question.lower() in question.text.lower())
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.real_documents",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--set", default="all", choices=("all", *SETS), help="which files and questions (default: all)")
    parser.add_argument("--kind", default="", help="only questions whose kind holds this: row, faq, policy, …")
    parser.add_argument("--file", default="", help="only questions about files whose name holds this: .pdf, price, …")
    parser.add_argument("--question", default="", help="only questions that hold this; all files are read nevertheless")
    parser.add_argument(
        "--failures", action="store_true", help="print each failing question with answer and expectation"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table by kind of file for docs/retrieval.md")
    parser.add_argument("--no-solution", action="store_true", help="ask the chat only")
    parser.add_argument(
        "--seed", type=int, default=0, help="another number writes other files and asks other questions"
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:]).show()
