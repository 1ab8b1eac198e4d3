"""One small picture of the figures: how long an answer takes, and how many a second, beside plain Rasa."""

from __future__ import annotations

from pathlib import Path

import matplotlib

from benchmarks.figures import Values

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "bench"  # the same figures give the same file

from matplotlib import pyplot as plt  # noqa: E402

COLOURS = {"ours": "#e08a1e", "plain": "#5b6b7a"}
NAMES = {"ours": "Tia Nắng, webhook to platform", "plain": "plain Rasa, REST round trip"}


def draw(values: Values, parallel: tuple[int, ...], path: Path) -> None:
    """Write the picture as SVG; what was not measured is left out."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    places = range(len(parallel))
    for shift, side in ((-0.2, "ours"), (0.2, "plain")):
        at = [place + shift for place in places]
        middle = [values.get(f"{side}_p50_ms_{number}") or 0 for number in parallel]
        high = [values.get(f"{side}_p95_ms_{number}") or 0 for number in parallel]
        left.bar(at, middle, 0.36, color=COLOURS[side], label=NAMES[side])
        reach = [max(0, top - base) for top, base in zip(high, middle, strict=True)]
        left.errorbar(at, middle, yerr=[[0] * len(at), reach], fmt="none", ecolor="#222222", elinewidth=1, capsize=3)
        right.bar(at, [values.get(f"{side}_per_s_{number}") or 0 for number in parallel], 0.36, color=COLOURS[side])
    for axes, title in ((left, "answer, ms (p50, line to p95)"), (right, "answers a second")):
        axes.set_title(title, fontsize=9)
        axes.set_xticks(list(places), [f"{number}" for number in parallel])
        axes.set_xlabel("parallel senders", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="lower center", ncol=2, fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
