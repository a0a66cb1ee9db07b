"""Draws an evaluation as a chart: the reliability diagram, and precision against coverage."""

import io
from collections.abc import Mapping
from typing import Any

BLUE, GREY, RED = "#2563eb", "#9ca3af", "#dc2626"


def draw(report: Mapping[str, Any], precision: float) -> bytes:
    """Return a PNG with the reliability diagram and the curve of coverage against precision."""
    # Not pyplot, which looks for a display and keeps every figure in memory.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 5), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    shown = report["trained"] or report["zero_shot"]
    whose = "trained" if report["trained"] else "zero-shot"
    _reliability(left, shown, whose)
    _coverage(right, shown, precision)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _reliability(axes: Any, shown: Mapping[str, Any], whose: str) -> None:
    bins = shown["reliability"]
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="perfectly calibrated")
    axes.plot([sure for _, sure, _ in bins], [right for _, _, right in bins], color=BLUE, marker="o", label=whose)
    axes.bar([sure for _, sure, _ in bins], [share for share, _, _ in bins], 0.04, color=GREY, alpha=0.5,
             label="share of the tickets")  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy",
             title=f"Reliability: calibration error {shown['calibration_error']:.3f}")  # fmt: skip
    axes.legend(loc="upper left")


def _coverage(axes: Any, shown: Mapping[str, Any], precision: float) -> None:
    curve = shown["coverage"]
    axes.plot([share for share, _ in curve], [right for _, right in curve], color=BLUE, label="most confident first")
    axes.axhline(precision, color=GREY, linestyle="--", label=f"target: {precision:.0%}")
    if shown["accepted"]:
        axes.plot([shown["accepted"]], [shown["precision"]], color=RED, marker="o", linestyle="",
                  label=f"accepted: {shown['accepted']:.0%}, precision {shown['precision']:.1%}")  # fmt: skip
    lowest = min([right for _, right in curve] + [precision])
    axes.set(xlim=(0, 1), ylim=(max(lowest - 0.05, 0), 1.005), xlabel="share answered", ylabel="precision",
             title=f"{shown['examples']:,} answers, {shown['accuracy']:.1%} right")  # fmt: skip
    axes.legend(loc="lower left")
