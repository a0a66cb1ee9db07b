"""Tables of figures, on the terminal and as Markdown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One figure. `met` is None where there is no goal; `besides` tells what else to know."""

    what: str
    value: str
    goal: str = ""
    met: bool | None = None
    besides: str = ""


@dataclass
class Table:
    """The answer to one question."""

    title: str
    rows: list[Row] = field(default_factory=list)

    def show(self) -> None:
        """Print it."""
        print(f"\n{self.title}")
        for row in self.rows:
            verdict = {True: "ok  ", False: "MISS", None: "    "}[row.met]
            print(f"  {verdict} {row.what:44} {row.value:24} {row.goal:12} {row.besides}")

    def markdown(self) -> str:
        """Write it for the documents."""
        lines = [f"### {self.title}", "", "| | figure | goal | besides |", "|---|---|---|---|"]
        lines += [f"| {row.what} | **{row.value}** | {row.goal} | {row.besides} |" for row in self.rows]
        return "\n".join(lines) + "\n"
