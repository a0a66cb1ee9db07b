"""Run all benchmarks and write their tables: `python -m benchmarks [NAME…]`."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    answers,
    authentication,
    bulk,
    companies,
    create,
    drain,
    everyday,
    hung,
    ingestion,
    knowledge_api,
    large_files,
    live,
    local_model,
    mail_in,
    memory,
    outage,
    overload,
    pdf_reading,
    pipeline,
    proxying,
    rate_limits,
    reading,
    real_documents,
    retrieval,
    rolling,
    serving,
    signing_in,
    sla_timers,
    slow_clients,
    teams,
    triage,
    vector_scale,
    workflow_moves,
)
from benchmarks.machine import describe
from benchmarks.report import Table
from tests.reaper import end_with_script

ALL: dict[str, Callable[[], Table]] = {
    "create": create.main,
    "bulk": bulk.main,
    "pipeline": pipeline.main,
    "drain": drain.main,
    "reading": reading.main,
    "outage": outage.main,
    "companies": companies.main,
    "authentication": authentication.main,
    "rate_limits": rate_limits.main,
    "rolling": rolling.main,
    "hung": hung.main,
    "overload": overload.main,
    "proxying": proxying.main,
    "slow_clients": slow_clients.main,
    "live": live.main,
    "signing_in": signing_in.main,
    "sla_timers": sla_timers.main,
    "workflow_moves": workflow_moves.main,
    "mail_in": mail_in.main,
    "memory": memory.main,
    "serving": serving.main,
    "triage": triage.main,
    "local_model": local_model.main,
    "teams": teams.main,
    "everyday": everyday.main,
    "answers": answers.main,
    "real_documents": real_documents.main,
    "ingestion": ingestion.main,
    "retrieval": retrieval.main,
    "vectors": vector_scale.main,
    "knowledge_api": knowledge_api.main,
    "large_files": large_files.main,
    "pdf_reading": pdf_reading.main,
}
RESULTS = Path(__file__).parent / "results"
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- results: written by make bench -->", "<!-- end of results -->"


def document(results: str) -> None:
    """Put the tables into the documentation."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{results}\n{END}{after}", encoding="utf-8")


def main(names: list[str]) -> int:
    """Return 1 where a goal was missed."""
    unknown = set(names) - set(ALL)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    end_with_script()
    began = datetime.now(UTC)
    machine = describe()
    print(f"{machine}\nAbsolute figures are not portable, not even between two hours here; ratios within a run are.")
    tables = []
    for name in names or ALL:
        table = ALL[name]()
        table.show()
        tables.append(table)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{began:%Y-%m-%dT%H%M}.md"
    text = "\n".join(table.markdown() for table in tables)
    heading = f"# {began:%Y-%m-%d %H:%M} UTC\n\n{machine}; load at the end {describe().rsplit('load ', 1)[1]}\n\n"
    path.write_text(heading + text, encoding="utf-8")
    if len(tables) == len(ALL):
        document(f"{began:%Y-%m-%d}, {machine}.\n\n{text}")
    print(f"\nwritten to {path}")
    return int(any(row.met is False for table in tables for row in table.rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
