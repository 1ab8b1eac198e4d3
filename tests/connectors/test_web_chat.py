"""The calls of the web chat, against the real intake on a real database."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from web_service import Page, Service

from connectors.web.client import MOST_LISTENERS
from connectors.web.session import Sessions
from helpline import hotlines
from helpline.clock import MovableClock
from helpline.keyring import Keyring, new_secret
from helpline.messages import Answer, Author, Button, OutState, Voice
from helpline.tables import audit, case, message, outbound

ONE, TWO = "11111111-aaaa", "22222222-bbbb"
CHILD_LINE, PROVINCE_LINE = hotlines.number("child_line"), hotlines.number("province_line")


@pytest.fixture
def service(tmp_path: Path, keyring: Keyring, clock: MovableClock) -> Iterator[Service]:
    made = Service(tmp_path, keyring, clock)
    yield made
    made.db.close()


@pytest.fixture
async def page(service: Service) -> AsyncIterator[Page]:
    async with service.page() as opened:
        await opened.open()
        yield opened


def holds_the_numbers(text: str) -> bool:
    return CHILD_LINE in text and PROVINCE_LINE in text


async def test_session_is_signed_random_and_without_cookie(service: Service) -> None:
    async with service.page() as page:
        first = await page.http.post("/chat/session")
        second = await page.http.post("/chat/session")
    assert first.json()["token"] != second.json()["token"]
    assert first.json()["notice"].startswith("Mình là Tia Nắng")
    assert "set-cookie" not in first.headers
    assert service.rows(message) == []
    assert Sessions(service.keyring).read(first.json()["token"])


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer ",
        "Bearer nonsense",
        "Basic abc",
        "Bearer " + Sessions(Keyring(new_secret())).new_token(),
        "Bearer é",
    ],
)
async def test_wrong_token_is_refused_with_the_numbers(service: Service, page: Page, header: str) -> None:
    for response in (
        await page.http.post(
            "/chat/messages", json={"id": ONE, "text": "alo"}, headers={"Authorization": header.encode()}
        ),
        await page.http.get("/chat/updates", headers={"Authorization": header.encode()}),
    ):
        assert response.status_code == 401
        assert holds_the_numbers(response.json()["answer"])
    assert service.rows(message) == []


async def test_message_is_kept_once_however_often_it_comes(service: Service, page: Page) -> None:
    for _ in range(3):
        response = await page.send(ONE, "bo danh con, con so lam")
        assert (response.status_code, response.json()) == (202, {"id": ONE, "kept": True})
    assert [row.text for row in service.rows(message)] == ["bo danh con, con so lam"]
    assert len(service.rows(case)) == 1
    assert len(service.rows(outbound)) == 1


async def test_same_message_at_the_same_moment_is_kept_once(service: Service, page: Page) -> None:
    responses = await asyncio.gather(*(page.send(ONE, "alo") for _ in range(3)))
    assert {response.status_code for response in responses} == {202}
    assert len(service.rows(message)) == 1


async def test_ids_of_two_pages_never_meet(service: Service, page: Page) -> None:
    async with service.page() as other:
        await other.open()
        await page.send(ONE, "của trang một")
        await other.send(ONE, "của trang hai")
    kept = service.rows(message)
    assert [row.text for row in kept] == ["của trang một", "của trang hai"]
    assert kept[0].conversation_id != kept[1].conversation_id


async def test_page_reads_only_its_own_conversation(service: Service, page: Page) -> None:
    await page.send(ONE, "bố đánh con")
    await service.deliver()
    async with service.page() as other:
        await other.open()
        await other.send(ONE, "alo")
        assert (await other.news())["messages"] == []
    assert len((await page.news())["messages"]) == 1


async def test_urgent_answer_overtakes_and_news_follow_the_order_of_delivery(service: Service, page: Page) -> None:
    await page.send(ONE, "lớp bơi ở đâu ạ")
    where = service.conversation().id
    slow = service.say(where, "rasa:1", Answer("Lớp bơi mở vào hè."), Answer("Hỏi UBND phường."))
    await page.send(TWO, "mà bố đánh con")
    await service.deliver()
    news = (await page.news())["messages"]
    assert [m["seq"] for m in news] == [1, 2, 3]
    assert holds_the_numbers(news[0]["text"])
    assert [m["id"] for m in news[1:]] == slow
    assert news[0]["id"] > slow[1]  # written last, delivered first
    assert [m["seq"] for m in (await page.news(after=1))["messages"]] == [2, 3]
    assert (await page.news(after=3))["messages"] == []


async def test_message_shows_author_buttons_and_sources(service: Service, page: Page) -> None:
    await page.send(ONE, "alo")
    where = service.conversation().id
    service.say(where, "rasa:1", Answer("Đây ạ.", (Button("Cẩm Phả", "/x"), Button("Hạ Long")), ("Luật số 1, Điều 2",)))
    service.say(where, "notice:1:1:joined", Answer("Cô đã vào."), author=Author.SYSTEM)
    service.say(where, "counsellor:1", Answer("Cô đây."), author=Author.COUNSELLOR)
    await service.deliver()
    news = (await page.news())["messages"]
    assert [m["author"] for m in news] == ["bot", "system", "counsellor"]
    assert news[0]["buttons"] == ["Cẩm Phả", "Hạ Long"]
    assert "/x" not in json.dumps(news)
    assert news[0]["citations"] == ["Luật số 1, Điều 2"]
    assert news[0]["at"] == service.clock.now().isoformat()


async def test_tapped_button_becomes_what_it_stands_for(service: Service, page: Page) -> None:
    await page.send(ONE, "alo")
    [shown] = service.say(
        service.conversation().id, "rasa:1", Answer("Bạn ở đâu?", (Button("Hạ Long", "tôi ở Hạ Long"),))
    )
    await service.deliver()
    tap = {"id": TWO, "button": {"message": shown, "index": 0}}
    response = await page.http.post("/chat/messages", json=tap, headers=page.headers)
    assert response.status_code == 202
    kept = service.rows(message)[-1]
    assert (kept.kind, kept.text) == ("button", "tôi ở Hạ Long")


async def test_button_of_somebody_else_stands_for_nothing(service: Service, page: Page) -> None:
    await page.send(ONE, "alo")
    [shown] = service.say(service.conversation().id, "rasa:1", Answer("?", (Button("Hạ Long", "bí mật"),)))
    async with service.page() as other:
        await other.open()
        await other.send(ONE, "alo")
        await other.send(TWO, "Hạ Long", button={"message": shown, "index": 0})
    assert service.rows(message)[-1].text == "Hạ Long"


async def test_long_poll_ends_at_once_when_something_is_delivered(
    tmp_path: Path, keyring: Keyring, clock: MovableClock
) -> None:
    service = Service(tmp_path, keyring, clock, hold_s=20.0, look_every_s=20.0)  # only a wake can be quick
    async with service.page() as page:
        await page.open()
        await page.send(ONE, "alo")
        where = service.conversation().id
        asked = asyncio.create_task(page.news())
        await asyncio.sleep(0.1)
        assert not asked.done()
        began = time.monotonic()
        service.say(where, "rasa:1", Answer("Mình đây."))
        await service.deliver()
        news = await asyncio.wait_for(asked, 9)
        assert time.monotonic() - began < 8
        assert [m["text"] for m in news["messages"]] == ["Mình đây."]
    service.db.close()


async def test_rows_of_another_process_are_found_by_looking(
    tmp_path: Path, keyring: Keyring, clock: MovableClock
) -> None:
    service = Service(tmp_path, keyring, clock, hold_s=20.0, look_every_s=0.05)
    async with service.page() as page:
        await page.open()
        await page.send(ONE, "alo")
        asked = asyncio.create_task(page.news())
        await asyncio.sleep(0.1)
        service.say(service.conversation().id, "rasa:1", Answer("Mình đây."))
        with service.db.write() as tx:  # as another gateway's courier does: no wake here
            tx.execute(update(outbound).values(state=OutState.SENT.value, sent_seq=1, sent_at=service.clock.now()))
        news = await asyncio.wait_for(asked, 9)
        assert [m["text"] for m in news["messages"]] == ["Mình đây."]
    service.db.close()


async def test_long_poll_without_news_ends_after_its_time(service: Service, page: Page) -> None:
    began = time.monotonic()
    assert await page.news() == {"messages": [], "counsellor": False}
    assert 0.15 < time.monotonic() - began < 8


async def test_pages_that_nobody_looks_at_any_more_give_way(
    tmp_path: Path, keyring: Keyring, clock: MovableClock
) -> None:
    service = Service(tmp_path, keyring, clock, hold_s=20.0, look_every_s=20.0)
    async with service.page() as page:
        await page.open()
        asked = []
        for _ in range(MOST_LISTENERS + 1):
            asked.append(asyncio.create_task(page.news()))
            await asyncio.sleep(0.05)
        await asyncio.wait_for(asked[0], 9)
        assert not any(task.done() for task in asked[1:])
        await service.web.close()
        await asyncio.wait_for(asyncio.gather(*asked), 9)
    service.db.close()


async def test_page_learns_that_a_person_speaks(tmp_path: Path, keyring: Keyring, clock: MovableClock) -> None:
    service = Service(tmp_path, keyring, clock, hold_s=20.0, look_every_s=0.05)
    async with service.page() as page:
        await page.open()
        await page.send(ONE, "alo")
        asked = asyncio.create_task(page.news())
        await asyncio.sleep(0.1)
        service.mark(voice=Voice.COUNSELLOR.value)
        assert await asyncio.wait_for(asked, 9) == {"messages": [], "counsellor": True}
    service.db.close()


async def test_page_gets_new_messages_after_the_old_ones_were_deleted(service: Service, page: Page) -> None:
    await page.send(ONE, "xóa")
    where = service.conversation().id
    service.say(where, "rasa:1", Answer("Đã ghi lại."), Answer("Chào bạn."))
    await service.deliver()
    assert (await page.news())["messages"][-1]["seq"] == 2
    with service.db.write() as tx:
        tx.execute(delete(outbound))
    assert (await page.news(after=2))["messages"] == []
    service.say(where, "rasa:2", Answer("Mình vẫn ở đây."))
    await service.deliver()
    assert [m["text"] for m in (await page.news(after=2))["messages"]] == ["Mình vẫn ở đây."]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "²"])
async def test_odd_place_in_the_news_is_refused(page: Page, after: str) -> None:
    response = await page.http.get("/chat/updates", params={"after": after}, headers=page.headers)
    assert response.status_code == 400


# when the database is away


async def test_s19_without_database_the_reply_holds_the_numbers_and_the_spool_the_message(
    service: Service, page: Page
) -> None:
    service.db.down = True
    response = await page.send(ONE, "bố đánh con")
    assert response.status_code == 202
    assert response.json()["kept"] is False
    assert holds_the_numbers(response.json()["answer"])
    assert hotlines.number("police") in response.json()["answer"]
    assert (await page.send(ONE, "bố đánh con")).status_code == 202  # the page tries again
    assert len(list(service.spool_folder.glob("*.msg"))) == 1
    service.db.down = False
    assert await service.reception.drain() == 1
    assert [row.text for row in service.rows(message)] == ["bố đánh con"]
    assert len(service.rows(case)) == 1
    assert service.rows(outbound) == []  # the numbers were said already


async def test_s19_plain_question_gets_the_numbers_too(service: Service, page: Page) -> None:
    service.db.down = True
    assert holds_the_numbers((await page.send(ONE, "lớp bơi ở đâu")).json()["answer"])


async def test_s19_tap_on_the_wish_for_a_person_is_judged_by_its_title(service: Service, page: Page) -> None:
    service.db.down = True
    tap = await page.send(ONE, "Gặp tư vấn viên", button={"message": 1, "index": 0})
    assert "người thật" in tap.json()["answer"]


async def test_s19_nothing_takes_it_so_the_page_is_asked_to_send_again(service: Service, page: Page) -> None:
    service.db.down = True
    service.spool_folder.write_text("a file where the folder should be")
    response = await page.send(ONE, "bố đánh con")
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert response.json()["kept"] is False
    assert holds_the_numbers(response.json()["answer"])


async def test_news_without_database_ask_to_come_again(service: Service, page: Page) -> None:
    service.db.down = True
    response = await page.http.get("/chat/updates", headers=page.headers)
    assert response.status_code == 503
    assert response.headers["retry-after"]


# what is no message


async def test_body_beyond_the_limit_is_answered_kindly(service: Service, page: Page) -> None:
    response = await page.send(ONE, "a" * 64 * 1024)
    assert response.status_code == 413
    assert holds_the_numbers(response.json()["answer"])
    assert service.rows(message) == []


async def test_the_longest_vietnamese_text_that_is_kept_fits(service: Service, page: Page) -> None:
    text = "ế" * 20000
    raw = json.dumps({"id": ONE, "text": text}, ensure_ascii=False).encode()
    assert (await page.http.post("/chat/messages", content=raw, headers=page.headers)).status_code == 202
    assert service.rows(message)[0].text == text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe\x00\x01",
        b"[]",
        b"null",
        b'"alo"',
        b"[" * 50000,
        b'{"text": "alo"}',
        b'{"id": "11111111-aaaa"}',
        b'{"id": 11111111, "text": "alo"}',
        b'{"id": "short", "text": "alo"}',
        b'{"id": "11111111:aaaa", "text": "alo"}',
        b'{"id": "' + b"1" * 65 + b'", "text": "alo"}',
        b'{"id": "11111111-aaaa\\n", "text": "alo"}',
        b'{"id": "11111111-aaaa", "text": null}',
        b'{"id": "11111111-aaaa", "text": ["alo"]}',
        b'{"id": "11111111-aaaa", "button": "b:1:0"}',
        b'{"id": "11111111-aaaa", "button": {"message": -1, "index": 0}}',
        b'{"id": "11111111-aaaa", "button": {"message": 1e99, "index": 0}}',
        b'{"id": "11111111-aaaa", "button": {"message": ' + b"9" * 5000 + b', "index": 0}}',
    ],
)
async def test_what_is_no_message_is_refused_with_the_numbers(service: Service, page: Page, raw: bytes) -> None:
    response = await page.http.post("/chat/messages", content=raw, headers=page.headers)
    assert response.status_code == 400
    assert holds_the_numbers(response.json()["answer"])
    assert service.rows(message) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ('"bố\\u0000 đánh con"', "bố đánh con"),
        ('"con s\\ud83d"', "con s\ufffd"),
        ('"con buồn \\ud83d\\ude22"', "con buồn 😢"),
        ('"<b>alo</b>\\u202e"', "<b>alo</b>\u202e"),
    ],
)
async def test_odd_characters_do_not_lose_the_message(service: Service, page: Page, typed: str, kept: str) -> None:
    raw = f'{{"id": "{ONE}", "text": {typed}}}'
    response = await page.http.post("/chat/messages", content=raw.encode(), headers=page.headers)
    assert response.status_code == 202
    assert service.rows(message)[0].text == kept


# the quick exit


async def test_s28_quick_exit_is_told_and_the_case_stays_open(service: Service, page: Page) -> None:
    await page.send(ONE, "bố đánh con")
    response = await page.leave()
    assert response.status_code == 204
    left = service.conversation().left_at
    assert left == service.clock.now()
    [opened] = service.rows(case)
    assert opened.state == "waiting"
    traces = [row for row in service.rows(audit) if row.action == "conversation.leave"]
    assert [(row.object_id, row.details) for row in traces] == [(str(service.conversation().id), {"case": opened.id})]


async def test_s28_second_quick_exit_changes_nothing_and_a_message_takes_it_back(service: Service, page: Page) -> None:
    await page.send(ONE, "alo")
    await page.leave()
    await page.leave()
    assert len([row for row in service.rows(audit) if row.action == "conversation.leave"]) == 1
    await page.send(TWO, "em quay lại")
    assert service.conversation().left_at is None
    await page.leave()
    assert len([row for row in service.rows(audit) if row.action == "conversation.leave"]) == 2


async def test_s28_what_was_not_sent_yet_goes_along_with_the_quick_exit(service: Service, page: Page) -> None:
    await page.send(ONE, "alo")
    unsent = [{"id": ONE, "text": "alo"}, {"id": TWO, "text": "bố đánh con"}]
    assert (await page.leave(unsent=unsent)).status_code == 204
    assert [row.text for row in service.rows(message)] == ["alo", "bố đánh con"]
    assert len(service.rows(case)) == 1
    assert service.conversation().left_at is not None
    await page.send(TWO, "bố đánh con")  # the send that was under way arrives late
    assert service.conversation().left_at is not None


async def test_s28_quick_exit_works_from_a_beacon_and_before_any_message(service: Service, page: Page) -> None:
    raw = json.dumps({"token": page.token})
    response = await page.http.post("/chat/leave", content=raw, headers={"Content-Type": "text/plain;charset=UTF-8"})
    assert response.status_code == 204
    assert service.rows(audit) == []


@pytest.mark.parametrize(("raw", "status"), [(b"", 400), (b"{}", 400), (b'{"token": "x"}', 401), (b"x" * 70_000, 400)])
async def test_s28_quick_exit_of_nobody(service: Service, page: Page, raw: bytes, status: int) -> None:
    await page.send(ONE, "alo")
    assert (await page.http.post("/chat/leave", content=raw)).status_code == status
    assert service.conversation().left_at is None


async def test_s28_quick_exit_without_database_keeps_what_was_unsent(service: Service, page: Page) -> None:
    service.db.down = True
    response = await page.leave(unsent=[{"id": ONE, "text": "bố đánh con"}])
    assert response.status_code == 503
    assert len(list(service.spool_folder.glob("*.msg"))) == 1


# limits


async def test_message_beyond_the_limit_is_kept_and_only_its_reply_is_slowed(service: Service, page: Page) -> None:
    statuses = [(await page.send(f"{n:08d}", "alo")).status_code for n in range(20)]
    assert service.pauses == []
    statuses.append((await page.send("99999999", "bố đánh con")).status_code)
    assert statuses == [202] * 21
    assert len(service.rows(message)) == 21
    assert len(service.rows(case)) == 1
    assert 0 < service.pauses[0] <= 2


async def test_only_more_sends_at_once_than_any_page_makes_are_refused(
    tmp_path: Path, keyring: Keyring, clock: MovableClock
) -> None:
    gate = asyncio.Event()

    async def pause(seconds: float) -> None:
        await gate.wait()

    service = Service(tmp_path, keyring, clock, pause=pause)
    async with service.page() as page:
        await page.open()
        for n in range(20):
            await page.send(f"{n:08d}", "alo")
        held = [asyncio.create_task(page.send(f"held-{n:08d}", "alo")) for n in range(4)]
        await asyncio.sleep(0.3)
        refused = await asyncio.wait_for(page.send("refused-1", "bố đánh con"), 9)
        assert refused.status_code == 429
        assert refused.headers["retry-after"]
        assert refused.json()["kept"] is False
        assert holds_the_numbers(refused.json()["answer"])
        async with service.page() as neighbour:  # the same address
            await neighbour.open()
            assert (await neighbour.send(ONE, "bố đánh con")).status_code == 202
        gate.set()
        assert {response.status_code for response in await asyncio.gather(*held)} == {202}
        assert (await page.send("refused-1", "bố đánh con")).status_code == 202  # the page sends it again
    assert len([row for row in service.rows(message) if row.text == "bố đánh con"]) == 2
    service.db.close()


async def test_sessions_of_one_address_are_slowed(service: Service) -> None:
    async with service.page() as page:
        for _ in range(60):
            await page.open()
        assert service.pauses == []
        await page.open()
        assert service.pauses


async def test_s34_no_word_and_no_token_in_the_log(
    service: Service, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await page.send(ONE, "bố đánh con tên Lan")
    await page.http.post("/chat/messages", json={"id": "x", "text": "bố đánh con tên Lan"}, headers=page.headers)
    await service.deliver()
    await page.news()
    service.db.down = True
    await page.send(TWO, "bố đánh con tên Lan")
    await page.leave()
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "sqlalchemy")))
    assert "refused" in ours
    assert "spool" in ours
    session = Sessions(service.keyring).read(page.token)
    assert session
    for planted in ("Lan", "đánh", page.token, session):
        assert planted not in ours
    assert not re.search(r"127\.0\.0\.1", ours)
