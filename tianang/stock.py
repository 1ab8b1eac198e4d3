"""Models: what they are trained from, whether the present ones fit the present data, and training them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from helpline.errors import HelplineError
from helpline.settings import Settings
from safety.encoder import Bundled, Encoder, EncoderFailed, Heads

ROOT = Path(__file__).resolve().parent.parent
RASA_SOURCES = (
    "config.yml",
    "domain.yml",
    "rasa_project",
    "vietnamese",
    "kb/content/entries",
    "kb/content/places.yml",
    "requirements.lock",
)
SCREEN_SOURCES = ("safety", "vietnamese", "rasa_project/data/nlu", "rasa_project/topics.py")
SUFFIXES = {".py", ".yml", ".txt", ".lock", ".npz"}

Report = Callable[[str], None]


class TrainingFailed(HelplineError):
    """Training ended without a model; the message says where its output stands."""


@dataclass(frozen=True)
class Stock:
    """The two models of a folder, each named by the digest of what it is trained from, taken once: a change of the
    sources during a training shows at the next look."""

    folder: Path
    rasa_digest: str
    screen_digest: str

    @classmethod
    def of(cls, settings: Settings) -> Stock:
        return cls(settings.model_dir.resolve(), digest(RASA_SOURCES), digest(SCREEN_SOURCES))

    @property
    def rasa(self) -> Path:
        return self.folder / f"rasa-{self.rasa_digest}.tar.gz"

    @property
    def screen(self) -> Path:
        return self.folder / "screen.joblib"

    @property
    def screen_mark(self) -> Path:
        return self.folder / "screen.digest"

    def rasa_fits(self) -> bool:
        return self.rasa.exists()

    def screen_fits(self) -> bool:
        mark = self.screen_mark
        return self.screen.exists() and mark.exists() and mark.read_text() == self.screen_digest


def digest(sources: tuple[str, ...]) -> str:
    """Sixteen hex digits over the files of the sources, the same on every machine."""
    total = hashlib.sha256()
    for path in sorted(_files(sources)):
        total.update(path.relative_to(ROOT).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _files(sources: tuple[str, ...]) -> Iterator[Path]:
    for source in sources:
        path = ROOT / source
        if path.is_file():
            yield path
        else:
            yield from (p for p in path.rglob("*") if p.suffix in SUFFIXES and "__pycache__" not in p.parts)


def train(settings: Settings, report: Report, *, force: bool = False) -> Stock:
    """Train what is missing or no longer fits; a repeat with unchanged data does nothing.

    Raises `TrainingFailed` when Rasa gives no model; the old ones stay.
    """
    stock = train_screen(settings, report, force=force)
    if force or not stock.rasa_fits():
        _train_rasa(settings, stock, report)
    return stock


def train_screen(settings: Settings, report: Report, *, force: bool = False) -> Stock:
    """Train the safety screen's model where it is missing or no longer fits."""
    from safety.train import train as learn

    stock = Stock.of(settings)
    stock.folder.mkdir(parents=True, exist_ok=True)
    if force or not stock.screen_fits():
        report("training the safety screen …")
        encoder, heads = encoder_for_training(stock.folder, report)
        learn(ROOT / "safety" / "training", stock.screen, report, ordinary_talk(), encoder=encoder, heads=heads)
        stock.screen_mark.write_text(stock.screen_digest)
    return stock


def encoder_for_training(folder: Path, report: Report) -> tuple[Encoder | None, Heads | None]:
    """The bundled encoder, whose tuned weights this also writes into the folder; nothing where the machine lacks it."""
    try:
        return Bundled(folder), Heads.load()
    except EncoderFailed as error:
        report(f"{error}; the screen is trained without sentence vectors")
        return None, None


def ordinary_talk() -> list[str]:
    """Everyday questions and small talk of the Rasa project: none of them a risk, all of them in people's own words."""
    from rasa_project.topics import DIALOGUE, INFORMATION, NEAR_RISK

    wanted = (INFORMATION | DIALOGUE) - NEAR_RISK
    texts: list[str] = []
    for path in sorted((ROOT / "rasa_project" / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if block["intent"] in wanted:
                texts += [line.removeprefix("- ") for line in block["examples"].splitlines()]
    return texts


def _train_rasa(settings: Settings, stock: Stock, report: Report) -> None:
    log = settings.var.resolve() / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    report(f"training Rasa (about a minute; its output: {log}) …")
    command = [
        *rasa("train"), "--config", "config.yml", "--domain", "domain.yml", "--data", "rasa_project/data",
        "--out", str(stock.folder), "--fixed-model-name", stock.rasa.name.removesuffix(".tar.gz"),
    ]  # fmt: skip
    with log.open("w") as output:
        done = subprocess.run(command, cwd=ROOT, env=environment(settings), stdout=output, stderr=subprocess.STDOUT)
    if done.returncode != 0 or not stock.rasa.exists():
        raise TrainingFailed(f"Rasa gave no model; its output: {log}")
    for old in stock.folder.glob("rasa-*.tar.gz"):
        if old != stock.rasa:
            old.unlink()


def rasa(*words: str) -> list[str]:
    """A command line of Rasa in this environment."""
    return [sys.executable, "-m", "rasa", *words]


def environment(settings: Settings) -> dict[str, str]:
    """The environment of Rasa's processes: quiet, without telemetry, with our packages on the path."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "LOG_LEVEL": "WARNING",  # below it Rasa logs whole messages
        "TIANANG_VAR": str(settings.var.resolve()),
        "TIANANG_MODEL_DIR": str(settings.model_dir.resolve()),
        "TIANANG_ACTIONS_PORT": str(settings.actions_port),
    }
