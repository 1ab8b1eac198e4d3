"""What is to be looked at again: entries by their day, numbers and addresses after 90 days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from helpline import hotlines
from kb import review
from kb.rows import Service, Services
from kb.schema import Validity
from tests.kb.small import entry

TODAY = date(2026, 11, 23)


def service(name: str, checked: date, **changes: object) -> Service:
    fields = {
        "id": name, "kind": "trusted_address", "name": name, "commune": "Phường Hạ Long", "address": "khu 1",
        "source": "UBND phường Hạ Long", "last_checked": checked, "validity": Validity.IN_FORCE,
    }  # fmt: skip
    return Service.parse_obj({**fields, **changes})


def services(*rows: Service) -> Services:
    return Services(rows=rows, asked_in_2024=(), do_not_refer=())


def test_entries_whose_day_has_passed_the_longest_first() -> None:
    days = {"a": TODAY, "b": TODAY - timedelta(days=1), "c": TODAY - timedelta(days=40), "d": TODAY + timedelta(days=1)}
    entries = [entry(f"shelter.{name}", review_by=day) for name, day in days.items()]
    assert [one.id for one in review.overdue(entries, TODAY)] == ["shelter.c", "shelter.b"]


@pytest.mark.parametrize(("days", "alarms"), [(0, False), (90, False), (91, True), (400, True)])
def test_s38_a_number_older_than_90_days_alarms(days: int, alarms: bool) -> None:
    line = replace(hotlines.load()["child_line"], last_checked=TODAY - timedelta(days=days))
    found = review.stale(TODAY, lines=[line])
    assert [(one.number, one.commune) for one in found] == ([(line.number, None)] if alarms else [])
    assert all(one.days(TODAY) == days for one in found)


def test_s38_a_number_that_must_not_be_used_needs_no_check() -> None:
    old = TODAY - timedelta(days=999)
    barred = [replace(line, last_checked=old) for line in hotlines.load().values() if line.do_not_use]
    assert barred and review.stale(TODAY, lines=barred) == []


def test_s38_an_address_older_than_90_days_alarms() -> None:
    kept = services(
        service("Cũ", TODAY - timedelta(days=91)),
        service("Mới", TODAY - timedelta(days=90)),
        service("Cũ hơn", TODAY - timedelta(days=200)),
        service("Hết", TODAY - timedelta(days=300), validity=Validity.EXPIRED),
    )
    assert [one.name for one in review.stale(TODAY, kept, lines=())] == ["Cũ hơn", "Cũ"]


def test_s38_lines_come_before_addresses() -> None:
    old = [replace(line, last_checked=TODAY - timedelta(days=100)) for line in hotlines.load().values()]
    found = review.stale(TODAY, services(service("Cũ", TODAY - timedelta(days=300))), lines=old)
    assert [one.commune is None for one in found] == [True] * (len(found) - 1) + [False]
    assert len(found) == sum(not line.do_not_use for line in old) + 1


def test_s38_the_products_own_numbers_are_fresh_at_their_release_and_alarm_in_time() -> None:
    checked = max(line.last_checked for line in hotlines.load().values())
    assert review.stale(checked) == []
    assert len(review.stale(checked + timedelta(days=91))) == sum(not line.do_not_use for line in hotlines.load().values())
