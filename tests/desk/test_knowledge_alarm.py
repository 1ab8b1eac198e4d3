"""Numbers that nobody has checked for 90 days alarm those who can have it seen to (safeguarding 38)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from helpline import hotlines
from helpline.clock import LOCAL_ZONE
from kb.errors import ContentError
from tests.desk.conftest import Office
from tests.desk.library import fill, texts

CHECKED = max(line.last_checked for line in hotlines.load().values())
ALARM = "quá 90 ngày chưa ai kiểm tra"


def move_to(office: Office, days: int) -> None:
    """``days`` after the numbers were checked, at noon."""
    noon = datetime(CHECKED.year, CHECKED.month, CHECKED.day, 12, tzinfo=LOCAL_ZONE) + timedelta(days=days)
    office.clock.move(noon - office.clock.now())


@pytest.mark.parametrize(("role", "sees"), [("editor", True), ("supervisor", True), ("admin", True), ("counsellor", False)])
def test_s38_stale_numbers_alarm_editors_and_supervisors_on_every_page(office: Office, role: str, sees: bool) -> None:
    fill(office)
    move_to(office, 90)
    person = office.person("person", role)
    assert ALARM not in person.get("/knowledge").text
    move_to(office, 91)
    person = office.sign_in("person")
    for path in ("/knowledge", "/account"):
        page = texts(person.get(path).text)
        assert (ALARM in page) is sees, path
        assert (f"{hotlines.number('child_line')} {hotlines.load()['child_line'].name}: kiểm tra lần cuối" in page) is sees


def test_s38_content_that_cannot_be_read_hides_no_number(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(office)
    move_to(office, 91)

    def broken() -> None:
        raise ContentError(["services.yml: broken"])

    monkeypatch.setattr("desk.knowledge.alarm.content.load", broken)
    assert ALARM in office.person("hoa", "supervisor").get("/board").text
