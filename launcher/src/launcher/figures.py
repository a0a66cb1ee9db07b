"""Prints metrics of evaluations and models as tables."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

MAX_CONFUSIONS = 10
BAR = 20


def show_figures(screen: Console, by_name: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Print a table of metrics, a row per evaluation; those that are None are left out."""
    table = Table()
    table.add_column("", min_width=12)
    for column in ("tickets", "accuracy", "macro-F1", "calibration error", "accepted", "precision"):
        table.add_column(column, justify="right")
    for name, figures in by_name.items():
        if figures:
            table.add_row(
                name,
                f"{figures['examples']:,}",
                f"{figures['accuracy']:.1%}",
                f"{figures['macro_f1']:.3f}",
                f"{figures['calibration_error']:.3f}",
                f"{figures['accepted']:.1%}",
                f"{figures['precision']:.1%}" if figures["accepted"] else "–",
            )
    screen.print(table)


def show_confusion(screen: Console, figures: Mapping[str, Any]) -> None:
    """Print the most frequent confusions of labels."""
    wrong = sorted(
        (
            (number, truth, chosen)
            for truth, row in figures["confusion"].items()
            for chosen, number in row.items()
            if chosen != truth
        ),
        key=lambda each: (-each[0], each[1:]),
    )[:MAX_CONFUSIONS]
    if not wrong:
        return
    table = Table(title="Most frequent confusions")
    for column in ("true label", "predicted label"):
        table.add_column(column, overflow="fold")
    table.add_column("times", justify="right")
    table.add_column("", width=BAR)
    for number, truth, chosen in wrong:
        table.add_row(truth, chosen, str(number), "█" * max(round(BAR * number / wrong[0][0]), 1))
    screen.print(table)


def show_overview(screen: Console, overview: Mapping[str, Any]) -> None:
    """Print the metrics of the serving model, of live predictions and of the shadow model."""
    serving, live, shadow = overview["serving"], overview["live"], overview["shadow"]
    if serving:
        screen.print(f"model {serving['version']} serves, trained on {serving['examples']:,} tickets")
    else:
        screen.print("no trained model serves yet; it learns from what people decide")
    rows = {
        "serving model, on held-out tickets": serving and serving["evaluation"],
        "predictions confirmed or corrected by people": live["figures"],
        "shadow model": shadow["figures"],
    }
    if any(rows.values()):
        show_figures(screen, rows)
    else:
        screen.print(
            "no prediction was confirmed or corrected yet; try `smart-ticket evaluate FILE.csv` with labelled tickets"
        )
    screen.print(
        f"shadow {'on' if shadow['enabled'] else 'off'}: {shadow['tickets']:,} tickets read, "
        f"{shadow['examples']:,} of them decided by people"
    )
    for item in overview["items"][:5]:
        trained = (item["report"] or {}).get("trained")
        accuracy = f"{trained['accuracy']:.1%} accuracy" if trained else item["error"] or item["step"] or ""
        screen.print(f"evaluation {item['id']}: {item['name']}, {item['state']} {accuracy}")


def show_models(screen: Console, models: list[Mapping[str, Any]]) -> None:
    """Print a company's models with their metrics, newest first."""
    table = Table(title="Models")
    for column in ("", "version", "made", "examples", "accuracy", "macro-F1", "accepted", "precision"):
        table.add_column(column, justify="left" if column in ("", "version", "made") else "right", overflow="fold")
    for model in models:
        figures = model["evaluation"]
        table.add_row(
            "serves" if model["serving"] else "",
            model["version"],
            model["created_at"][:16].replace("T", " "),
            f"{model['examples']:,}",
            *(
                (
                    f"{figures['accuracy']:.1%}",
                    f"{figures['macro_f1']:.3f}",
                    f"{figures['accepted']:.1%}",
                    f"{figures['precision']:.1%}",
                )
                if figures
                else ("–",) * 4
            ),
        )
    screen.print(table)


def show_everyday(screen: Console, everyday: Mapping[str, Any]) -> None:
    """Print the predictions for everyday tickets before and after a training, and the changed ones."""
    table = Table(title=f"{everyday['tickets']} everyday tickets, correct (abstained, misrouted)")
    table.add_column("department", overflow="fold")
    for column in ("tickets", "before", "after"):
        table.add_column(column, justify="right")
    for row in everyday["departments"]:
        table.add_row(row["department"], str(row["tickets"]), _counts(row["before"]), _counts(row["after"]))
    table.add_section()
    table.add_row("all", str(everyday["tickets"]), _counts(everyday["before"]), _counts(everyday["after"]))
    screen.print(table)
    if not everyday["changed"]:
        screen.print("no everyday ticket is answered differently")
        return
    changes = Table(title="Answered differently")
    for column in ("ticket", "belongs to", "before", "after"):
        changes.add_column(column, overflow="fold")
    for each in everyday["changed"]:
        changes.add_row(each["title"], each["department"], _prediction(each["before"]), _prediction(each["after"]))
    screen.print(changes)


def _counts(counts: Mapping[str, int]) -> str:
    return f"{counts['correct']} ({counts['abstained']}, {counts['misrouted']})"


def _prediction(value: Mapping[str, Any]) -> str:
    if value["outcome"] == "abstained":
        return "left to a person"
    return f"{value['department']}, {value['confidence_score']:.0f} ({value['outcome']}, by {value['decided_by']})"
