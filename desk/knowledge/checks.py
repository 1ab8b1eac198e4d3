"""The rules of `kb.validate` on one entry, and on it beside the others, as sentences for its editor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from desk.knowledge import words
from desk.knowledge.form import Fault
from desk.knowledge.shelf import Shelf
from kb.schema import Entry
from kb.services import name_key
from kb.store import Standing, Version
from kb.validate import entry_problems


def faults(shelf: Shelf, entry: Entry, everything: Sequence[Standing], today: date) -> list[Fault]:
    """Everything that the rules say of an entry that is to stand beside the others; errors first.

    Takes half a second where something new is in force: not for within a transaction that writes.
    """
    published = [one.published for one in everything if one.published]
    others = [one.entry for one in published if one.entry.id != entry.id]
    found = [Fault(one.field, words.said(one), one.is_error) for one in entry_problems(entry, shelf.beside(entry, others))]
    found += _same_titles(entry, everything)
    found += _same_questions(shelf, entry, published, today)
    if entry.review_by < today:
        found.append(Fault("review_by", "Ngày xem lại đã qua. Bạn đặt một ngày mới.", is_error=False))
    return sorted(dict.fromkeys(found), key=lambda fault: not fault.is_error)


def _same_titles(entry: Entry, everything: Sequence[Standing]) -> list[Fault]:
    """A title that another entry has, in force or on its way: a button could not tell them apart."""
    title = name_key(entry.title)
    others = (one.current.entry for one in everything if one.entry_id != entry.id and (one.published or one.pending))
    taken = [one for one in others if name_key(one.title) == title]
    return [Fault("title", words.FAULTS["title_taken"].format(about=one.title)) for one in taken[:1]]


def _same_questions(shelf: Shelf, entry: Entry, published: Sequence[Version], today: date) -> list[Fault]:
    """An example question that stands in another entry too: of the same topic an error, else a warning."""
    index = shelf.index(published, today)
    found = []
    for question in entry.questions:
        for other in index.exact(question):
            if other.id != entry.id:
                say = words.FAULTS["question_taken"].format(about=question, other=other.title)
                found.append(Fault("questions", say, other.topic == entry.topic))
    return found
