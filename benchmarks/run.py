"""`python -m benchmarks.run [--quick] [--strict] [--out DIR]`: measure, write the figures, say which bars are met.

Everything runs on loopback in a temporary folder. The bot of plain Rasa is trained at the first run and kept under
`var/bench`. A quick run takes smaller rounds and leaves out the hundred thousand old rows.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

import yaml

from benchmarks import figures, ours, picture, plain, rows, screening
from benchmarks.figures import Cell, Round
from benchmarks.load import ANSWER_WITHIN_S, SETTLE_S, NoAnswer, cell, one_conversation, pressure
from benchmarks.machinery import NotReady, Program, environment, machine
from benchmarks.ours import House, OurSide, Platform
from benchmarks.plain import PlainSide
from helpline import keyring
from helpline.settings import Settings
from safety.assessment import Level
from safety.screen import Screen
from tianang.stock import ROOT, Stock

PARALLEL = (1, 4, 16)
TEXTS = Path(__file__).with_name("texts.yml")
OLD_ROWS = 100_000
LONG_TURNS = 200
FIRST_CHAT = 1_000_000
LONGEST_S = 12 * 60  # training not counted


@dataclass(frozen=True)
class Size:
    """How much is measured. ``conversations`` of five messages by the number of parallel senders."""

    rounds: int
    conversations: dict[int, int]
    urgent: int
    urgent_every_s: float
    long_conversations: int
    starts_of_gateway: int
    screen_s: float
    row_pairs: int


FULL = Size(3, {1: 16, 4: 24, 16: 48}, 50, 0.3, 2, 3, 6.0, 3)
QUICK = Size(3, {1: 5, 4: 8, 16: 16}, 34, 0.2, 1, 1, 2.0, 0)


BEGAN = time.monotonic()


def say(line: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - BEGAN:4.0f} s  {line}", flush=True)


class Bench:
    """One run. ``work`` is a temporary folder; what is started is ended by ``stack``."""

    def __init__(self, size: Size, work: Path, stack: ExitStack) -> None:
        self.size = size
        self.work = work
        self.stack = stack
        self.models = (ROOT / "models").resolve()
        self.texts: dict[str, Any] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
        self.names: Iterator[int] = itertools.count(FIRST_CHAT)
        self.values: dict[str, float | None] = {}

    def run(self) -> dict[str, float | None]:
        bot = plain.bot(ROOT / "var" / "bench", self.work, say)
        if ours.train_what_is_missing(self.models, self.work):
            say("models trained first")
        signal.alarm(LONGEST_S)
        self.screen()
        platform = self.keep(ours.platform(self.work), lambda made: made.program)
        house = House.at(self.work / "var", self.models, platform)
        say("database and knowledge base, as a first start makes them …")
        house.prepare()
        full = self.copy_with_rows(house) if self.size.row_pairs else None
        self.values["gateway_ready_s"] = median(house.gateway_alone() for _ in range(self.size.starts_of_gateway))
        asyncio.run(self.talk(house, full, bot, platform))
        return self.values

    def keep(self, made: Any, program: Callable[[Any], Program]) -> Any:
        self.stack.callback(program(made).end)
        return made

    def screen(self) -> None:
        say("the safety screen …")
        model = Stock.of(Settings(model_dir=self.models)).screen
        self.check_levels(Screen.load(model))
        environ = environment(PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        command = [sys.executable, "-m", screening.__name__, str(model), str(self.size.screen_s)]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise NotReady(f"the screen could not be measured:\n{done.stderr[-800:]}")
        self.values |= json.loads(done.stdout)

    def check_levels(self, screen: Screen) -> None:
        """Leave out what is not what the measurement takes it for: questions are answered only, urgent texts alarm.

        Raises `NotReady` when too little is left.
        """

        def are(level: Level, texts: list[str]) -> bool:
            return all(screen.assess(text).level is level for text in texts)

        questions = [script for script in self.texts["questions"] if are(Level.NONE, script)]
        urgent = [text for text in self.texts["urgent"] if are(Level.URGENT, [text])]
        left_out = len(self.texts["questions"]) - len(questions), len(self.texts["urgent"]) - len(urgent)
        if any(left_out):
            say(f"left out, being of another level now: {left_out[0]} conversations, {left_out[1]} urgent texts")
        if len(questions) < 2 or not urgent or not are(Level.NONE, [self.texts["greeting"]]):
            raise NotReady("texts.yml: too few texts are of the level under which they stand")
        self.texts |= {"questions": questions, "urgent": urgent}

    def copy_with_rows(self, house: House) -> House:
        say(f"{OLD_ROWS} old messages and answers …")
        var = self.work / "var-full"
        shutil.copytree(house.var, var)
        full = House.at(var, self.models, house.platform)
        db = full.database()
        questions = [text for script in self.texts["questions"] for text in script]
        rows.fill(db, keyring.load(Settings(var=var)), questions, OLD_ROWS)
        db.close()
        return full

    async def talk(self, house: House, full: House | None, bot: Path, platform: Platform) -> None:
        say("plain Rasa …")
        served, url = plain.serve(bot)
        self.stack.callback(served.end)
        theirs = PlainSide(url, self.texts["plain"], ANSWER_WITHIN_S)
        await cell(theirs, self.names, 2, 12)  # its first messages are slow; then it is weighed alone
        plain_mb = served.pss_mb()

        say("our service …")
        program, self.values["up_ready_s"] = house.up()
        self.stack.callback(program.end)
        mine = await self.side(house, platform)

        rounds = [await self.round(mine, theirs, number) for number in range(1, self.size.rounds + 1)]
        self.values |= figures.compare(rounds, PARALLEL)
        self.values["webhook_p50_ms"] = figures.percentile(mine.webhook_ms, 0.5)
        await theirs.close()
        served.end()
        memory_mb = program.pss_mb()
        self.values |= {"memory_mb": memory_mb, "memory_ratio": memory_mb / plain_mb, "plain_memory_mb": plain_mb}

        say("long conversations …")
        self.values["growth_turns_ratio"] = await self.growth_over_turns(mine)
        self.values["growth_rows_ratio"] = await self.growth_over_rows(mine, full, platform) if full else None
        await self.urgent(mine)
        await mine.close()
        program.end()

    async def side(self, house: House, platform: Platform) -> OurSide:
        """Our senders, ready: every question was asked once."""
        side = OurSide(house.gateway, platform, self.texts, ANSWER_WITHIN_S)
        await side.listen()
        await side.learn(list(itertools.islice(self.names, len(self.texts["questions"]))))
        return side

    async def round(self, mine: OurSide, theirs: PlainSide, number: int) -> Round:
        measured: dict[str, dict[int, Cell]] = {}
        for side in (mine, theirs):
            measured[side.name] = {
                parallel: await cell(side, self.names, parallel, self.size.conversations[parallel])
                for parallel in PARALLEL
            }
            told = ", ".join(f"{p}: {c.p50:.0f} ms, {c.per_s:.1f}/s" for p, c in measured[side.name].items())
            say(f"round {number}, {side.name}: {told}")
        return Round(measured["ours"], measured["plain"])

    async def growth_over_turns(self, mine: OurSide) -> float:
        talks = [
            await one_conversation(mine, next(self.names), LONG_TURNS) for _ in range(self.size.long_conversations)
        ]
        return figures.growth_over_turns(talks)

    async def growth_over_rows(self, empty: OurSide, full: House, platform: Platform) -> float:
        say("our service beside the old rows …")
        program, _ = full.up()
        try:
            many = await self.side(full, platform)
            pairs = []
            for _ in range(self.size.row_pairs):
                pairs.append([await cell(side, self.names, 1, 8) for side in (many, empty)])
            await many.close()
        finally:
            program.end()
        return figures.growth_over_rows([pair[0] for pair in pairs], [pair[1] for pair in pairs])

    async def urgent(self, mine: OurSide) -> None:
        """First responses while sixteen other senders ask; last, because its cases stay open and are remembered."""
        say("urgent texts under load …")
        pooled: list[float] = []
        failed = 0
        for _ in range(self.size.rounds):
            load = asyncio.create_task(pressure(mine, self.names, 16))
            await asyncio.sleep(3.0)  # the senders of the load are greeted first
            sent: list[Awaitable[float]] = []
            for number in range(self.size.urgent):
                sent.append(asyncio.create_task(mine.urgent(next(self.names), number)))
                await asyncio.sleep(self.size.urgent_every_s)
            for outcome in await asyncio.gather(*sent, return_exceptions=True):
                if isinstance(outcome, NoAnswer):
                    failed += 1
                elif isinstance(outcome, BaseException):
                    raise outcome
                else:
                    pooled.append(outcome)
            load.cancel()
            await asyncio.wait([load])
            await asyncio.sleep(SETTLE_S)
        self.values["urgent_first_response_p50_ms"] = figures.percentile(pooled, 0.5)
        self.values["urgent_first_response_p99_ms"] = figures.percentile(pooled, 0.99)
        self.values["urgent_messages"] = len(pooled)
        self.values["failed_ours"] = (self.values["failed_ours"] or 0) + failed


def commit() -> str:
    """The short name of the commit, with a plus where the tree differs from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "none") + ("+" if git("status", "--porcelain") else "")


def write(values: dict[str, float | None], out: Path, load: str) -> None:
    """`bench.json`, `bench.md` and `bench.svg` in a folder."""
    out.mkdir(parents=True, exist_ok=True)
    told = {"date": datetime.now(UTC).date().isoformat(), "commit": commit(), "machine": machine()}
    (out / "bench.json").write_text(json.dumps({**told, "values": values}, indent=2, ensure_ascii=False) + "\n")
    (out / "bench.md").write_text(figures.table(values, load=load, **told))
    picture.draw(values, PARALLEL, out / "bench.svg")


def too_long(number: int, frame: FrameType | None) -> None:
    raise NotReady(f"stopped after {LONGEST_S // 60} minutes")


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="speed and memory beside plain Rasa")
    parser.add_argument("--quick", action="store_true", help="smaller rounds, without the old rows; under four minutes")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a bar is missed")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "figures", help="folder of the figures")
    asked = parser.parse_args(words)
    load = f"Load of the machine before: {os.getloadavg()[0]:.1f}."
    signal.signal(signal.SIGALRM, too_long)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tianang-bench-")))
        try:
            values = figures.rounded(Bench(QUICK if asked.quick else FULL, work, stack).run())
        except NotReady as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            signal.alarm(0)
    write(values, asked.out, load)
    say("measured")
    print("\n".join([*figures.verdicts(values), figures.last_line(values)]))
    return 1 if asked.strict and not figures.all_met(values) else 0


if __name__ == "__main__":
    raise SystemExit(main())
