"""From what was measured to the figures of the contract: percentiles, ratios, bars, and how they are told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Cell:
    """One number of parallel senders on one side in one round; ``seconds`` is the time for all its messages."""

    latencies_ms: tuple[float, ...]
    seconds: float
    failed: int = 0

    @property
    def p50(self) -> float:
        return percentile(self.latencies_ms, 0.50)

    @property
    def p95(self) -> float:
        return percentile(self.latencies_ms, 0.95)

    @property
    def per_s(self) -> float:
        return len(self.latencies_ms) / self.seconds


@dataclass(frozen=True)
class Round:
    """One round: our side, then plain Rasa right after it, by the number of parallel senders."""

    ours: Mapping[int, Cell]
    plain: Mapping[int, Cell]


@dataclass(frozen=True)
class Bar:
    """``most`` is the highest value that still meets it."""

    name: str
    most: float

    def met(self, values: Values) -> bool | None:
        """None where the value was not measured."""
        value = values.get(self.name)
        return None if value is None else value <= self.most


BARS = (
    Bar("p50_ratio", 1.5),
    Bar("memory_mb", 2048),
    Bar("up_ready_s", 40),
    Bar("urgent_first_response_p99_ms", 1000),
    Bar("failed_ours", 0),
)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed. Raises `ValueError` without values."""
    if not values:
        raise ValueError("no values")
    if not 0.0 < share <= 1.0:
        raise ValueError("a share lies above 0 and not above 1")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def compare(rounds: Sequence[Round], parallel: Sequence[int]) -> dict[str, float | None]:
    """Ours beside plain. A ratio is taken within each round, whose two halves saw the same machine, and its median
    over the rounds is told; so are the absolute figures, which other programs on the machine make larger."""
    values: dict[str, float | None] = {}
    values["p50_ratio"] = median(r.ours[1].p50 / r.plain[1].p50 for r in rounds)
    values["p95_ratio"] = median(r.ours[1].p95 / r.plain[1].p95 for r in rounds)
    for number in parallel:
        values[f"throughput_ratio_{number}"] = median(r.ours[number].per_s / r.plain[number].per_s for r in rounds)
    for number in parallel:
        for side in ("ours", "plain"):
            cells: list[Cell] = [getattr(r, side)[number] for r in rounds]
            values[f"{side}_p50_ms_{number}"] = median(cell.p50 for cell in cells)
            values[f"{side}_p95_ms_{number}"] = median(cell.p95 for cell in cells)
            values[f"{side}_per_s_{number}"] = median(cell.per_s for cell in cells)
    for side in ("ours", "plain"):
        values[f"failed_{side}"] = sum(cell.failed for r in rounds for cell in getattr(r, side).values())
    values["messages"] = sum(
        len(cell.latencies_ms) for r in rounds for side in (r.ours, r.plain) for cell in side.values()
    )
    values["rounds"] = len(rounds)
    return values


def growth_over_turns(conversations: Sequence[Sequence[float]]) -> float:
    """The median of turns 190 to 200 to that of turns 10 to 20, over conversations of two hundred turns each."""
    late = [ms for turns in conversations for ms in turns[189:200]]
    early = [ms for turns in conversations for ms in turns[9:20]]
    return percentile(late, 0.5) / percentile(early, 0.5)


def growth_over_rows(full: Sequence[Cell], empty: Sequence[Cell]) -> float:
    """The median latency beside many old rows to that beside none; ratios within each pair, then their median."""
    return median(many.p50 / none.p50 for many, none in zip(full, empty, strict=True))


def rounded(values: Values) -> dict[str, float | None]:
    """Three significant digits, more where a number is large; whole numbers stay whole."""
    return {name: None if value is None else _short(value) for name, value in values.items()}


def _short(value: float) -> float:
    if value == 0 or float(value).is_integer():
        return int(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    short = round(value, digits)
    return int(short) if digits == 0 else short


def verdicts(values: Values) -> list[str]:
    """One line for each bar: met, missed, or not measured."""
    words = {True: "met", False: "missed", None: "not measured"}
    return [f"{words[bar.met(values)]}: {bar.name} = {values.get(bar.name)} (at most {bar.most:g})" for bar in BARS]


def all_met(values: Values) -> bool:
    return all(bar.met(values) for bar in BARS)


def last_line(values: Values) -> str:
    return " ".join(f"{name}={'null' if value is None else value}" for name, value in values.items())


def table(values: Values, date: str, commit: str, machine: str, load: str) -> str:
    """The page beside the figures, in Markdown."""

    def cell(name: str) -> str:
        value = values.get(name)
        return "–" if value is None else f"{value:g}"

    lines = [
        "# Speed and memory beside plain Rasa",
        "",
        f"{date}, commit {commit}. Machine: {machine}. {load}",
        "",
        "Written by `make bench`. Ours: from the sending of a Telegram webhook to the arrival of the last `sendMessage`",
        "of the answer at the platform, over the whole service as `tianang up` starts it (SQLite). Plain: the round trip",
        "of the REST channel of the bot that `rasa init` makes, trackers in memory. Both on loopback, in rounds one after",
        "the other, conversations of five messages, a new sender each; the client shares the cores with both. Other",
        "programs on the machine make the absolute figures larger: compare within this page only. Ours keeps Telegram's",
        "limit of messages a second (28), which bounds its throughput here; plain Rasa sends nothing to a platform.",
        "",
        "| senders | p50 ours, ms | p50 plain, ms | p95 ours, ms | p95 plain, ms | ours, messages/s | plain, messages/s | throughput ratio |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number in (1, 4, 16):
        names = (
            f"ours_p50_ms_{number}", f"plain_p50_ms_{number}", f"ours_p95_ms_{number}", f"plain_p95_ms_{number}",
            f"ours_per_s_{number}", f"plain_per_s_{number}", f"throughput_ratio_{number}",
        )  # fmt: skip
        lines.append(f"| {number} | " + " | ".join(cell(name) for name in names) + " |")
    lines += ["", "| figure | value | at most | |", "| --- | --- | --- | --- |"]
    bars = {bar.name: bar for bar in BARS}
    shown = [name for name in values if not name.startswith(("ours_", "plain_p", "throughput"))]
    for name in shown:
        bar = bars.get(name)
        met = {True: "met", False: "missed", None: ""}[bar.met(values)] if bar else ""
        lines.append(f"| `{name}` | {cell(name)} | {f'{bar.most:g}' if bar else ''} | {met} |")
    return "\n".join(lines) + "\n"
