"""Fines: the act that a question names, its row of `penalties.yml`, and what the row says in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kb.documents import day
from kb.errors import ContentError
from kb.rows import Penalty
from kb.schema import Citation, Source, Validity
from kb.wording import say
from kb.words import names
from vietnamese.normal import normalise

MOST_ROWS = 3
HIGHEST = "dv-maximum"
OUTSIDE_FAMILY = "child-current"

_HOW_MUCH = re.compile(
    r"\b(?:xu )?phat\b.{0,60}(?:bao nhieu|ban tien|may (?:trieu|tien|dong)|\bmuc\b|the nao|ra sao|nhieu khong|toi da|cao nhat|nang nhat)|"
    r"\bmuc (?:tien )?(?:xu )?phat|(?:bao nhieu|may trieu|cao nhat).{0,20}\b(?:tien )?phat\b|"
    r"\bphat (?:tien )?(?:hanh chinh )?(?:khong|ko|k|ha|a|chua)\b|\btien phat\b"
)
_ORGANISATION = re.compile(r"\b(?:to chuc|cong ty|doanh nghiep|co quan|co so)\b")


class FineTable:
    """The rows that say what is in force. Raises `ContentError` for a pattern that cannot be read."""

    def __init__(self, penalties: Iterable[Penalty], sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._rows = {row.id: row for row in penalties if row.validity is not Validity.SUPERSEDED}
        self._asked = {row.id: [_pattern(row, text) for text in row.asked] for row in self._rows.values() if row.asked}
        self._outsider = re.compile(_either("outsider"))

    def asked(self, text: str) -> list[Penalty]:
        """The rows of the acts for whose fine ``text`` asks, the first named first; empty where no act is plain.

        With somebody outside the family as the doer, only the rows that are not of the family count: what a teacher
        pays is not what a father pays.
        """
        plain = normalise(text).plain
        if not _HOW_MUCH.search(plain):
            return []
        found = {
            row_id: min(match.start() for match in matches)
            for row_id, patterns in self._asked.items()
            if (matches := [match for pattern in patterns if (match := pattern.search(plain))])
        }
        within = [row_id for row_id in found if row_id.startswith("dv-")]
        if self._outsider.search(plain):
            found = {row_id: at for row_id, at in found.items() if row_id not in within}
        elif within:
            found.pop(OUTSIDE_FAMILY, None)
        return [self._rows[row_id] for row_id in sorted(found, key=lambda row_id: found[row_id])][:MOST_ROWS]

    def tell(self, rows: Sequence[Penalty], text: str = "") -> str:
        """The rows in words: each amount with its act, the decree and its day, for whom, and where no amount is known."""
        parts = [self._sentence(row) for row in rows]
        priced = [row for row in rows if row.max_vnd is not None]
        if priced and _ORGANISATION.search(normalise(text).plain) and self._doubles(priced):
            parts.append(say("fine.organisation"))
        measures = dict.fromkeys(row.extra_measures for row in priced if row.extra_measures)
        parts += [say("fine.measures", measures=one) for one in measures]
        if any(row.validity is Validity.UNCONFIRMED for row in priced):
            parts.append(say("fine.unconfirmed"))
        if priced:
            parts.append(say("fine.not_crime"))
        return " ".join(parts)

    def citations(self, rows: Sequence[Penalty]) -> tuple[Citation, ...]:
        """What the rows rest on."""
        return tuple(citation for row in rows for citation in row.citations)

    def _doubles(self, rows: Sequence[Penalty]) -> bool:
        highest = self._rows.get(HIGHEST)
        return highest is not None and all(_decree(row) == _decree(highest) for row in rows)

    def _sentence(self, row: Penalty) -> str:
        decree = self._sources.get(_decree(row))
        basis = decree.cite if decree else ""
        if decree and decree.effective:
            basis = say("fine.since", decree=basis, day=day(decree.effective))
        act = row.act[:1].upper() + row.act[1:]
        if row.max_vnd is not None:
            return say("fine.amount", act=act, amount=_span(row.min_vnd, row.max_vnd), basis=basis)
        if "chưa" in row.amount:
            return say("fine.unknown", act=act, basis=basis)
        return say("fine.words", act=act, amount=row.amount, basis=basis)


def _decree(row: Penalty) -> str:
    return row.citations[0].source


def _span(least: int | None, most: int) -> str:
    return f"{_millions(least)}-{_millions(most)} triệu đồng" if least is not None else f"đến {_millions(most)} triệu đồng"


def _millions(vnd: int) -> str:
    return f"{vnd / 1_000_000:g}".replace(".", ",")


def _either(key: str) -> str:
    return rf"\b(?:{'|'.join(sorted(names('fines', key), key=len, reverse=True))})\b"


def _pattern(row: Penalty, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text.replace("<family>", _either("family")).replace("<outsider>", _either("outsider")))
    except re.error as error:
        raise ContentError([f"penalties.yml: {row.id}: asked: {text!r}: {error}"]) from error
