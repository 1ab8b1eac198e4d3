"""Runs the evaluation and reports it: tables, bars met and missed, files under docs/figures."""

from __future__ import annotations

from pathlib import Path

from helpline.embeddings import whole_screen
from helpline.settings import Settings
from tianang import evaluation, figures
from tianang.asking import open_session
from tianang.evaluation import BARS, SETS, Figures
from tianang.stock import Report, train_screen

ORDER = (
    "urgent_", "concern_", "check_", "near_miss_", "ordinary_", "category_", "who_", "hard_", "topic_", "answer_", "unknown_",
    "search_", "turns_",
)  # fmt: skip


def run(
    settings: Settings, report: Report, *, ordinary: Path | None, strict: bool, screen_only: bool, check: bool = False
) -> int:
    """The exit code: 0; with ``strict`` 1 when a bar is missed; with ``check`` 1 when a figure has fallen below its floor.

    ``check`` writes nothing: it is what CI runs.
    """
    measured = Figures()
    train_screen(settings, report)
    screen = whole_screen(settings)
    evaluation.screen_figures(screen, evaluation.read(SETS / "screen.jsonl"), measured)
    evaluation.screen_figures(screen, evaluation.read(SETS / "screen_hard.jsonl"), measured, evaluation.HARD)
    if ordinary is not None:
        evaluation.ordinary_figures(screen, ordinary, measured)
    if not screen_only:
        session = open_session(settings, report)
        try:
            evaluation.question_figures(session, evaluation.read(SETS / "questions.jsonl"), measured)
            evaluation.search_figures(session, evaluation.read(SETS / "search.jsonl"), measured)
            evaluation.turn_figures(session, evaluation.read(SETS / "conversations.jsonl"), measured)
        finally:
            session.close()
    values = measured.values()
    table = _table(measured)
    print(table)
    missed = [key for key, bar in BARS.items() if figures.met(values.get(key), bar) is False]
    if not screen_only and not check:
        figures.write("evaluation", values, table)
        _picture(measured, figures.FOLDER / "evaluation.svg")
    for key, bar in BARS.items():
        state = {True: "met", False: "MISSED", None: "not measured"}[figures.met(values.get(key), bar)]
        print(f"{state:12} {key} {bar[0]} {bar[1]:g}: {measured.shares.get(key, '–')}")
    print(figures.last_line(values))
    if check:
        fallen = figures.fallen(values, figures.floors(), BARS)
        for line in fallen:
            report(line)
        return 1 if fallen else 0
    return 1 if strict and missed else 0



def _table(measured: Figures) -> str:
    rows = sorted(measured.shares.items(), key=lambda pair: _place(pair[0]))
    lines = ["# Evaluation", "", "Shares with 95 % intervals (Wilson). Made by `tianang evaluate`.", "", "| figure | share | bar |", "| --- | --- | --- |"]
    for key, one in rows:
        bar = BARS.get(key)
        lines.append(f"| `{key}` | {one} | {f'{bar[0]} {bar[1]:g}' if bar else ''} |")
    return "\n".join(lines) + "\n"


def _place(key: str) -> tuple[int, str]:
    return next((at for at, start in enumerate(ORDER) if key.startswith(start)), len(ORDER)), key


def _picture(measured: Figures, path: Path) -> None:
    """Urgent texts reached, by style, with intervals."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    start = "urgent_reached_"
    rows = [(key.removeprefix(start), one) for key, one in measured.shares.items() if key.startswith(start) and one.count]
    figure, axes = pyplot.subplots(figsize=(7, 0.45 * len(rows) + 1))
    for at, (_, one) in enumerate(rows):
        value, low, high = one.value or 0.0, one.low or 0.0, one.high or 0.0
        axes.errorbar(value, at, xerr=[[max(0.0, value - low)], [max(0.0, high - value)]], fmt="o", color="#8a3b12", capsize=3)
    axes.axvline(BARS["urgent_reached"][1], color="#2f6b5e", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_xlim(0.5, 1.01)
    axes.set_title("urgent texts reached, by style")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
