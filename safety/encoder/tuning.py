"""Tuning of the encoder on the project's training lines; the only module that needs PyTorch.

Not part of `tianang train`: it takes most of an hour on two cores and gives one small file, `tuning.npz`, which is
kept with the code. A sixth of the lines (:func:`is_held_out`) is never seen, so that thresholds and the weighing
against the n-grams rest on lines that are new to the encoder too.

Only what keeps the four-bit form of the weights is learnt: biases, norms, one factor for each block of 32 weights, and
heads that read levels, category and who from the vector.
"""
from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from safety.assessment import Category, Who
from safety.encoder.encoder import Sample, is_held_out
from safety.encoder.pieces import Pieces
from safety.encoder.weights import BLOCK, WeightsFile
from safety.lines import LABELS

LEVELS = ("reach", "risk", "urgent")
OUTPUTS = (*LEVELS, *(f"cat:{one.value}" for one in Category), *(f"who:{one.value}" for one in Who))
EPOCHS, RATE = 4, 2e-3
ON_EPOCHS, ON_RATE = 2, 1e-3
"""Where a tuning goes on from an earlier one."""
BATCH, WARM_STEPS = 32, 150
LONGEST = 160
"""Pieces of one line that are read."""
BARE_SHARE = 0.3
"""How often a line is seen as it would come back from a writer without accents."""
DROPOUT = 0.1
SCALE = 10.0
"""By which the vector of length 1 is multiplied before the heads."""
PROBES = (
    "bố đánh con", "lớp bơi miễn phí đăng ký ở đâu", "em không muốn sống nữa", "cảm ơn bạn nhiều",
    "chồng em say rượu là ném đồ, hai mẹ con trốn trong nhà tắm", "hôm nay trời đẹp quá",
)  # fmt: skip


class _Linear(nn.Module):
    def __init__(self, file: WeightsFile, name: str, columns: int) -> None:
        super().__init__()
        self.name = name
        kept = torch.from_numpy(file.matrix(f"{name}.w", columns).copy())
        self.register_buffer("kept", kept.view(len(kept), -1, BLOCK).bfloat16())
        self.bias = nn.Parameter(torch.from_numpy(file.vector(f"{name}.b").copy()))
        self.factor = nn.Parameter(torch.zeros(len(kept), columns // BLOCK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.kept * (1 + self.factor).to(self.kept.dtype)[:, :, None]
        return functional.linear(x.to(weights.dtype), weights.flatten(1), self.bias.to(weights.dtype))


class _Norm(nn.Module):
    def __init__(self, file: WeightsFile, name: str) -> None:
        super().__init__()
        self.name = name
        self.weight = nn.Parameter(torch.from_numpy(file.vector(f"{name}.w").copy()))
        self.bias = nn.Parameter(torch.from_numpy(file.vector(f"{name}.b").copy()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(x.float(), self.weight.shape, self.weight, self.bias, 1e-12)


class _Layer(nn.Module):
    def __init__(self, file: WeightsFile, at: int) -> None:
        super().__init__()
        width, inner = file.shape.width, file.shape.inner
        self.heads = file.shape.heads
        self.query, self.key, self.value, self.out, self.up = (
            _Linear(file, f"l{at}.{name}", width) for name in ("q", "k", "v", "ao", "fi")
        )
        self.down = _Linear(file, f"l{at}.fo", inner)
        self.first, self.second = _Norm(file, f"l{at}.aln"), _Norm(file, f"l{at}.oln")
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        rows, length, width = x.shape
        query, key, value = (
            part(x).view(rows, length, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.first(x + self.drop(self.out(seen.transpose(1, 2).reshape(rows, length, width))))
        return self.second(x + self.drop(self.down(functional.gelu(self.up(x)))))


class _Net(nn.Module):
    """The encoder with its heads; gives scores (texts, outputs) and vectors (texts, width)."""

    def __init__(self, file: WeightsFile) -> None:
        super().__init__()
        width = file.shape.width
        self.words = torch.from_numpy(file.matrix("emb.word", width)).half()
        self.places = torch.from_numpy(file.vector("emb.pos").reshape(-1, width).copy())
        self.kind = torch.from_numpy(file.vector("emb.type").reshape(-1, width)[0].copy())
        self.norm = _Norm(file, "emb.ln")
        self.layers = nn.ModuleList(_Layer(file, at) for at in range(file.shape.layers))
        self.head = nn.Linear(width, len(OUTPUTS))

    def forward(self, texts: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        length = max(map(len, texts))
        numbers = torch.zeros(len(texts), length, dtype=torch.long)
        here = torch.zeros(len(texts), length, dtype=torch.bool)
        for at, pieces in enumerate(texts):
            numbers[at, : len(pieces)] = torch.tensor(pieces)
            here[at, : len(pieces)] = True
        x = self.norm(self.words[numbers].float() + self.places[:length] + self.kind)
        for layer in self.layers:
            x = layer(x, here[:, None, None, :])
        share = here[:, :, None].float()
        vectors = functional.normalize((x * share).sum(1) / share.sum(1), dim=1)
        return self.head(SCALE * vectors), vectors


def tune(
    samples: Sequence[Sample], weights: Path, out_path: Path, report: Callable[[str], None] = print, *,
    start: Path | None = None, seed: int = 7,
) -> None:  # fmt: skip
    """Tune on ``samples`` and write ``out_path`` (npz); the file is replaced only once the tuning is whole.

    ``start``: an earlier tuning to go on from, in half the epochs. The lines held out are the same in every tuning.
    A repeat with the same samples gives nearly the same tuning, not the same bytes: sums run over several threads.
    """
    random.seed(seed)
    torch.manual_seed(seed)
    file = WeightsFile.read(weights)
    pieces = Pieces(file.vocabulary())
    net = _Net(file)
    epochs, rate = (ON_EPOCHS, ON_RATE) if start else (EPOCHS, RATE)
    if start:
        _read(net, file, start)
    rows = [_Row.of(one, pieces) for one in samples]
    learns, asked = [row for row in rows if not row.held_out], [row for row in rows if row.held_out]
    steps = epochs * math.ceil(len(learns) / BATCH)
    report(f"{len(learns)} lines, {len(asked)} held out, {steps} steps")
    heads = list(net.head.parameters())
    body = [one for name, one in net.named_parameters() if not name.startswith("head.")]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": heads, "lr": 3 * rate}], lr=rate, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda at: min(1.0, (at + 1) / WARM_STEPS) * max(0.02, 1 - at / steps))
    began, step = time.monotonic(), 0
    for epoch in range(epochs):
        for batch in _batches(learns):
            scores, _ = net([row.bare if random.random() < BARE_SHARE else row.full for row in batch])
            optimiser.zero_grad()
            _loss(scores.float(), batch).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            pace.step()
            step += 1
            if step % 100 == 0:
                report(f"step {step} of {steps}, {time.monotonic() - began:.0f} s")
        report(f"epoch {epoch + 1}: " + _measure(net, asked))
    _write(net, file, pieces, out_path)


@dataclass(frozen=True)
class _Row:
    full: list[int]
    bare: list[int]
    level: int
    category: int
    who: int
    held_out: bool

    @classmethod
    def of(cls, sample: Sample, pieces: Pieces) -> _Row:
        return cls(
            pieces.numbers(sample.full, LONGEST), pieces.numbers(sample.bare, LONGEST), LABELS.index(sample.level),
            list(Category).index(sample.category) if sample.category else -1,
            list(Who).index(sample.who) if sample.who else -1, is_held_out(sample.text),
        )  # fmt: skip


def _batches(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """Rows of like length together, in a new order each time."""
    mixed = random.sample(list(rows), len(rows))
    batches = []
    for at in range(0, len(mixed), BATCH * 40):
        near = sorted(mixed[at : at + BATCH * 40], key=lambda row: len(row.full))
        batches += [near[begin : begin + BATCH] for begin in range(0, len(near), BATCH)]
    random.shuffle(batches)
    yield from batches


def _loss(scores: torch.Tensor, batch: Sequence[_Row]) -> torch.Tensor:
    levels = torch.tensor([row.level for row in batch])
    wanted = torch.stack([(levels >= least).float() for least in (1, 2, 3)], dim=1)
    total = functional.binary_cross_entropy_with_logits(scores[:, :3], wanted * 0.96 + 0.02)
    risky = torch.tensor([row.category >= 0 for row in batch])
    if risky.any():
        share = risky.float().mean()
        for begin, end, weight, kinds in (
            (3, 3 + len(Category), 0.3, [row.category for row in batch]),
            (3 + len(Category), len(OUTPUTS), 0.2, [row.who for row in batch]),
        ):
            right = torch.tensor(kinds)[risky]
            total = total + weight * share * functional.cross_entropy(scores[risky, begin:end], right, label_smoothing=0.05)
    return total


@torch.no_grad()
def _scores(net: _Net, rows: Sequence[_Row]) -> np.ndarray[Any, Any]:
    net.eval()
    found = [net([row.full for row in rows[at : at + 64]])[0].float().numpy() for at in range(0, len(rows), 64)]
    net.train()
    return np.concatenate(found)


def _measure(net: _Net, rows: Sequence[_Row]) -> str:
    """On the lines held out: area under the curve of risk, and the share of kinds named rightly."""
    from sklearn.metrics import roc_auc_score

    if not rows:
        return "nothing held out"
    rows = sorted(rows, key=lambda row: len(row.full))
    scores = _scores(net, rows)
    risky = np.array([row.category >= 0 for row in rows])
    kinds = scores[risky, 3 : 3 + len(Category)].argmax(axis=1) == np.array([row.category for row in rows])[risky]
    area = roc_auc_score([row.level >= 2 for row in rows], scores[:, 1])
    return f"area under the curve {area:.4f}, category right {kinds.mean():.3f}"


@torch.no_grad()
def _read(net: _Net, file: WeightsFile, path: Path) -> None:
    """The reverse of :func:`_write`. Raises ValueError for a tuning of other heads."""
    kept = np.load(path)
    if tuple(kept["outputs"]) != OUTPUTS:
        raise ValueError(f"{path.name} was tuned for other outputs; tune anew")
    net.head.weight.copy_(torch.from_numpy(kept["head.w"] / SCALE))
    net.head.bias.copy_(torch.from_numpy(kept["head.b"]))
    for part in net.modules():
        if isinstance(part, _Linear):
            part.factor.copy_(torch.from_numpy(kept[f"{part.name}.w"].astype(np.float32)))
            part.bias.copy_(torch.from_numpy(file.vector(f"{part.name}.b") + kept[f"{part.name}.b"]))
        elif isinstance(part, _Norm):
            for name, value in (("w", part.weight), ("b", part.bias)):
                value.copy_(torch.from_numpy(file.vector(f"{part.name}.{name}") + kept[f"{part.name}.{name}"]))


@torch.no_grad()
def _write(net: _Net, file: WeightsFile, pieces: Pieces, out_path: Path) -> None:
    kept: dict[str, Any] = {
        "outputs": np.array(OUTPUTS), "probes": np.array(PROBES),
        "head.w": (SCALE * net.head.weight).numpy().astype(np.float32), "head.b": net.head.bias.numpy().astype(np.float32),
    }  # fmt: skip
    for part in net.modules():
        if isinstance(part, _Linear):
            kept[f"{part.name}.w"] = part.factor.numpy().astype(np.float16)
            kept[f"{part.name}.b"] = (part.bias.numpy() - file.vector(f"{part.name}.b")).astype(np.float16)
        elif isinstance(part, _Norm):
            for name, value in (("w", part.weight), ("b", part.bias)):
                kept[f"{part.name}.{name}"] = (value.numpy() - file.vector(f"{part.name}.{name}")).astype(np.float16)
    net.eval()
    kept["probe_vectors"] = net([pieces.numbers(text) for text in PROBES])[1].float().numpy()
    unfinished = out_path.with_name(out_path.name + ".part.npz")
    np.savez_compressed(unfinished, **kept)
    unfinished.replace(out_path)
