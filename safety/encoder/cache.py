"""Vectors kept on disk, so that a training asks the encoder only for texts that are new."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from safety.encoder.encoder import WIDTH, Encoder, Floats

BATCH = 64


class VectorCache:
    """A file of vectors by text digest, of one version of the encoder; those of another version are forgotten."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self._path = path
        self._encoder = encoder
        self._known: dict[str, Floats] = {}
        self._asked: set[str] = set()
        if path.exists():
            try:
                with np.load(path, allow_pickle=False) as file:
                    if str(file["version"]) == encoder.version:
                        self._known = dict(zip(file["names"].tolist(), file["vectors"].astype(np.float32), strict=True))
            except (OSError, ValueError, KeyError):  # a broken cache costs time, nothing else
                self._known = {}

    def vectors(self, texts: Sequence[str], report: Callable[[str], None]) -> Floats:
        """(texts, WIDTH); raises EncoderFailed where the encoder does."""
        names = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
        self._asked.update(names)
        new = {name: text for name, text in zip(names, texts, strict=True) if name not in self._known}
        if new:
            report(f"vectors of {len(new)} texts …")
        waiting = sorted(new, key=lambda name: len(new[name]))
        for at in range(0, len(waiting), BATCH):
            batch = waiting[at : at + BATCH]
            for name, vector in zip(batch, self._encoder.encode([new[name] for name in batch]), strict=True):
                self._known[name] = vector.astype(np.float16).astype(np.float32)
        return np.stack([self._known[name] for name in names]) if names else np.zeros((0, WIDTH), dtype=np.float32)

    def save(self) -> None:
        """Write what was asked for; vectors of texts that are gone are left out."""
        kept = sorted(self._asked)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(self._path.name + ".part.npz")
        np.savez(
            unfinished, version=np.array(self._encoder.version), names=np.array(kept),
            vectors=np.stack([self._known[name] for name in kept]).astype(np.float16) if kept else np.zeros((0, WIDTH), np.float16),
        )  # fmt: skip
        unfinished.replace(self._path)
