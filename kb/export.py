"""Editors' versions written back into `kb/content/entries`, for review in git; the reverse of `kb.store.load_content`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from kb.content import FOLDER
from kb.errors import ContentError
from kb.schema import Entry

WIDTH = 120
_FOLDED_FROM = 70  # code points from which a text stands in lines of its own
_BEGIN = re.compile(r"(?m)^- id: *(?P<id>\S+) *$")

_TAIL = re.compile(r"(?m)(?P<tail>(?:^[ \t]*(?:#.*)?\n)*)\Z")  # empty lines and comments before the next entry


class _Dumper(yaml.SafeDumper):
    """As the files are written by hand: long texts folded, everything else in one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    folds = len(text) > _FOLDED_FROM and "\n" not in text and "  " not in text and text == text.strip()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=">" if folds else None)


_Dumper.add_representer(str, _text)


def write_back(entries: Iterable[Entry], retired: Sequence[str] = (), folder: Path = FOLDER / "entries") -> list[Path]:
    """Put ``entries`` into the files of their topics and take out those ``retired``; the files written, each once.

    An entry that stands there is replaced where it stands, a new one comes last; what stands around them, comments too,
    is left as it is. A repeat writes nothing. Raises `ContentError`, with nothing written, where a file would not read
    back as it was meant.
    """
    wanted = {entry.id: entry for entry in entries}
    topics = {one.split(".", 1)[0] for one in (*wanted, *retired)}
    written: dict[Path, str] = {}
    for topic in sorted(topics):
        path = folder / f"{topic}.yml"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        own = {entry_id: entry for entry_id, entry in wanted.items() if entry.topic == topic}
        after = _changed(before, own, retired)
        _check(path, before, after, own, retired)
        if after != before:
            written[path] = after
    for path, text in written.items():
        unfinished = path.with_suffix(".new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    return list(written)


def _changed(before: str, wanted: dict[str, Entry], retired: Sequence[str]) -> str:
    """The text of a file with its blocks replaced, removed and added."""
    starts = list(_BEGIN.finditer(before))
    head = before[: starts[0].start()] if starts else before
    ends = [*(match.start() for match in starts[1:]), len(before)]
    blocks = [(match["id"], before[match.start() : end]) for match, end in zip(starts, ends, strict=False)]
    found = [head]
    for entry_id, block in blocks:
        if entry_id in retired:
            continue
        entry = wanted.get(entry_id)
        if entry is None or _parsed(block) == [entry]:
            found.append(block)
        else:
            found.append(_written(entry) + _TAIL.search(block)["tail"])  # type: ignore[index]
    known = {entry_id for entry_id, _ in blocks}
    for entry_id in sorted(set(wanted) - known):
        so_far = "".join(found)
        found = [so_far.rstrip("\n") + "\n\n" if so_far else "", _written(wanted[entry_id])]
    return "".join(found)


def _written(entry: Entry) -> str:
    body: dict[str, Any] = json.loads(entry.json(ensure_ascii=False, exclude_defaults=True))
    for name in ("as_of", "review_by"):
        body[name] = getattr(entry, name)
    ordered = {name: body[name] for name in Entry.__fields__ if name in body}
    return yaml.dump([ordered], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)


def _parsed(text: str) -> list[Entry]:
    return [Entry.parse_obj(one) for one in yaml.safe_load(text) or ()]


def _check(path: Path, before: str, after: str, wanted: dict[str, Entry], retired: Sequence[str]) -> None:
    """What was there stays, what is wanted stands there, what is retired is gone; else `ContentError`."""
    meant = {entry.id: entry for entry in _parsed(before) if entry.id not in retired} | wanted
    if {entry.id: entry for entry in _parsed(after)} != meant:
        raise ContentError([f"{path.name}: would not read back as the editors wrote it; nothing was written"])
