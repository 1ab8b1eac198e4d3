"""What rings, until when, and that nothing outside the page tells whose story it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from desk import alarm, labels, queue
from desk import case as case_pages
from desk import staff as people
from desk.stream import Pulse, events
from helpline import cases
from helpline.errors import StoreUnavailable
from helpline.tables import conversation, outbound
from tests.desk.conftest import CHILD_WORDS, Office

SECRETS = re.compile(r"bố|đánh|Na\b|ngõ|" + "|".join(labels.CATEGORIES.values()) + "|khẩn cấp|bạo lực|xâm hại", re.IGNORECASE)


def look(office: Office, staff_id: int, case_id: int | None = None) -> Callable[[], Pulse]:
    def now() -> Pulse:
        with office.db.read() as tx:
            staff = people.find(tx, staff_id)
            if staff is None:
                return Pulse(None, None)
            return Pulse(queue.pulse(tx, staff), case_pages.pulse(tx, staff, case_id) if case_id else None)

    return now


async def told(office: Office, look_now: Callable[[], Pulse], most: int, between: Callable[[], None] = lambda: None) -> list[Any]:
    """The first ``most`` events of a stream as (name, data); ``between`` runs after each."""
    found = []
    stream = events(look_now, office.clock.now, 0.001, anyio.Event())
    with anyio.fail_after(20):
        async for event in stream:
            found.append((event.event, json.loads(event.data)))
            if len(found) == most:
                break
            between()
    await stream.aclose()
    return found


async def test_s30_the_stream_holds_no_words(office: Office) -> None:
    staff_id = office.hire("lan")
    case_id = office.open_case(CHILD_WORDS)
    found = await told(office, look(office, staff_id, case_id), 3)
    assert [name for name, _ in found] == ["queue", "case", "ring"]
    assert not SECRETS.search(json.dumps(found, ensure_ascii=False))
    data = found[0][1]
    assert set(data) == {"waiting", "urgent", "mine", "unanswered", "on_shift", "mark"}
    assert re.fullmatch(r"[0-9a-f]{16}", data["mark"])
    assert re.fullmatch(r"[0-9a-z.]+|[\w.]*None[\w.]*", found[1][1]["mark"])


def test_s30_the_pulse_of_a_page_without_a_stream_holds_no_words(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case(CHILD_WORDS)
    answer = lan.get(f"/pulse?case={case_id}")
    assert answer.json()["queue"]["urgent"] == 1 and answer.json()["case"]["case"] == case_id
    assert not SECRETS.search(answer.text)


def test_s30_the_notice_outside_the_page_is_always_the_same(office: Office) -> None:
    office.open_case(CHILD_WORDS)
    page = office.person("lan").get("/").text
    body = page[page.index("<body") : page.index(">", page.index("<body"))]
    assert alarm.NOTICE_TEXT in body and alarm.NOTICE_TITLE in body and alarm.BLINK in body
    for sentence in (alarm.NOTICE_TITLE, alarm.NOTICE_TEXT, alarm.BLINK):
        assert not SECRETS.search(sentence)
    script = (Path(alarm.__file__).parent / "static" / "bell.js").read_text(encoding="utf-8")
    shown = re.findall(r"(?:new Notification|showNotification)\(([^)]*)\)", script)
    assert shown == ["body.noticeTitle, options", "body.noticeTitle, options"]
    assert "body: body.noticeText" in script


def test_s30_no_title_of_a_page_tells_a_reason(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case(CHILD_WORDS)
    for path in ("/", f"/case/{case_id}"):
        title = re.search(r"<title>([^<]*)</title>", lan.get(path).text)
        assert title and not SECRETS.search(title[1])


async def test_s20_it_rings_again_until_claimed(office: Office) -> None:
    staff_id = office.hire("lan")
    case_id = office.open_case()
    found = await told(office, look(office, staff_id), 4, lambda: office.pass_time(seconds=alarm.REPEAT_S))
    assert [name for name, _ in found] == ["queue", "ring", "ring", "ring"]
    with office.db.write() as tx:
        cases.take(tx, office.clock.now(), case_id, staff_id)
    looks = look(office, staff_id)

    def quiet_then_over() -> Pulse:
        seen = looks()
        assert seen.queue and seen.queue["urgent"] == 0
        office.pass_time(seconds=alarm.REPEAT_S)
        return seen if next(turns) else Pulse(None, None)

    turns = iter([True, True, True, False])
    assert [name for name, _ in await told(office, quiet_then_over, 9)] == ["queue", "bye"]


@pytest.mark.parametrize(("text", "on_shift"), [("con buồn", True), (CHILD_WORDS, False)])
async def test_it_does_not_ring_for_a_concern_nor_off_shift(office: Office, text: str, on_shift: bool) -> None:
    looks = look(office, office.hire("lan", on_shift=on_shift))
    office.open_case(text)
    turns = iter([True, True, False])
    found = await told(office, lambda: looks() if next(turns) else Pulse(None, None), 9)
    assert [name for name, _ in found] == ["queue", "bye"]


async def test_it_tells_when_the_database_is_down_and_back(office: Office) -> None:
    staff_id = office.hire("lan")
    looks, turns = look(office, staff_id), iter([1, 0, 0, 1, 2])

    def shaky() -> Pulse:
        turn = next(turns)
        if turn == 0:
            raise StoreUnavailable("away")
        return looks() if turn == 1 else Pulse(None, None)

    found = await told(office, shaky, 9)
    assert [(name, data) for name, data in found if name != "queue"] == [("store", "down"), ("store", "up"), ("bye", "")]
    assert sum(name == "queue" for name, _ in found) == 1


@pytest.mark.parametrize("change", ["message", "reply", "delivery", "take", "quick exit"])
def test_a_change_is_a_new_mark(office: Office, change: str) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    if change in ("reply", "delivery"):
        lan.post(f"/case/{case_id}/take")
        lan.reply(case_id, "một")
    before = lan.get(f"/pulse?case={case_id}").json()["case"]["mark"]
    assert lan.get(f"/pulse?case={case_id}").json()["case"]["mark"] == before
    if change == "message":
        office.write("dạ")
    elif change == "reply":
        lan.reply(case_id, "hai")
    elif change == "take":
        lan.post(f"/case/{case_id}/take")
    else:
        with office.db.write() as tx:
            if change == "delivery":
                tx.execute(outbound.update().where(outbound.c.author == "counsellor").values(state="sent"))
            else:
                tx.execute(conversation.update().values(left_at=office.clock.now()))
    assert lan.get(f"/pulse?case={case_id}").json()["case"]["mark"] != before


def test_a_case_that_is_no_longer_mine_is_gone(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    assert lan.get(f"/pulse?case={case_id}").json()["case"]["case"] == case_id
    lan.post(f"/case/{case_id}/transfer", to=str(binh.id))
    assert lan.get(f"/pulse?case={case_id}").json()["case"] == {"case": case_id, "gone": True}


async def test_the_stream_ends_when_the_desk_goes_down(office: Office) -> None:
    stop = anyio.Event()
    found = []
    with anyio.fail_after(5):
        async for event in events(look(office, office.hire("lan")), office.clock.now, 60, stop):
            found.append(event.event)
            stop.set()
    assert found == ["queue"]


def test_the_stream_is_closed_to_strangers(office: Office) -> None:
    office.open_case()
    answer = office.browser().get("/stream?case=1")
    assert "event: bye" in answer.text and "event: queue" not in answer.text
