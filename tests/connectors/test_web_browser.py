"""The page in a real Chromium, as a child uses it: tap, type, lose the network, leave in a hurry."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from web_service import Service

from connectors.web.pages import EXIT
from helpline import hotlines
from helpline.clock import MovableClock
from helpline.keyring import Keyring
from helpline.messages import Answer, Author, Button, Voice
from helpline.tables import case, message

playwright_api = pytest.importorskip("playwright.async_api")
Page = playwright_api.Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WEATHER = "<!doctype html><title>weather</title><p id=weather>sun"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[playwright_api.Browser]:
    async with playwright_api.async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def service(tmp_path: Path, keyring: Keyring, clock: MovableClock) -> AsyncIterator[Service]:
    """The web chat on a port of this machine, with a courier that never rests."""
    made = Service(tmp_path, keyring, clock, hold_s=5.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(made.app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve())
    delivering = asyncio.create_task(_deliver(made))
    while not server.started:
        await asyncio.sleep(0.02)
    made.address = f"http://127.0.0.1:{port}"
    yield made
    delivering.cancel()
    await made.web.close()
    server.should_exit = True
    await serving
    made.db.close()


async def _deliver(service: Service) -> None:
    while True:
        if not service.db.down:
            await service.deliver()
        await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="module")
async def page(service: Service, browser: playwright_api.Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 320, "height": 568}, has_touch=True)
    asked: list[str] = []

    async def outside(route: playwright_api.Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(body=WEATHER, content_type="text/html")

    await context.route(lambda url: not url.startswith(service.address), outside)
    opened = await context.new_page()
    opened.asked = asked
    opened.problems = []
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    await opened.goto(service.address)
    await opened.wait_for_selector("#form:not([hidden])")
    yield opened
    assert opened.problems == []
    await context.close()


async def until(true: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 12.0) -> None:
    """Wait for something that happens soon; fails after ``seconds``."""
    for _ in range(int(seconds / 0.05)):
        now = true()
        if await now if isinstance(now, Awaitable) else now:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


async def type_and_send(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def test_child_writes_without_accents_and_reads_the_numbers(service: Service, page: Page) -> None:
    await type_and_send(page, "bo danh con, con so lam")
    await page.wait_for_selector(".message.bot a[href^='tel:']")
    number = hotlines.number("child_line")
    assert await page.locator(f".message.bot a[href='tel:{number}']").count() >= 1
    assert await page.locator(".own .state").all_text_contents() == ["Đã gửi"]
    assert await page.locator(".own .text").all_text_contents() == ["Bạn: bo danh con, con so lam"]
    assert len(service.rows(case)) == 1
    assert page.asked == []  # nothing is asked of anybody else


async def test_page_fits_a_small_phone(service: Service, page: Page) -> None:
    await type_and_send(page, "a" * 300 + " bố đánh con")
    await page.wait_for_selector(".message.bot a[href^='tel:']")
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    for selector in ("#exit", ".lines a", ".send", "#text"):
        for box in [await element.bounding_box() for element in await page.query_selector_all(selector)]:
            assert box["height"] >= 44
            assert box["x"] >= 0 and box["x"] + box["width"] <= 320
            assert box["y"] >= 0 and box["y"] + box["height"] <= 568


async def test_text_is_shown_as_text(service: Service, page: Page) -> None:
    await type_and_send(page, "<img src=x onerror=alert(1)>")
    await until(lambda: len(service.rows(message)) == 1)
    number = hotlines.number("child_line")
    service.say(
        service.conversation().id,
        "rasa:1",
        Answer(f"<b>gọi {number}</b>, theo {number}/2024/NĐ-CP", citations=("<i>Luật</i>",)),
    )
    await page.wait_for_selector("details")
    assert await page.locator(".own img, .bot b, .bot i").count() == 0
    assert await page.locator(".bot .text").last.inner_text() == f"<b>gọi {number}</b>, theo {number}/2024/NĐ-CP"
    assert await page.locator(".bot .text").last.locator("a").count() == 1  # the number, not the decree
    assert not await page.locator("details p").first.is_visible()
    await page.click("summary")
    assert await page.locator("details p").first.inner_text() == "Nguồn: <i>Luật</i>"


async def test_shift_and_enter_make_a_new_line(service: Service, page: Page) -> None:
    await page.click("#text")
    await page.keyboard.type("mot")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("hai")
    await page.keyboard.press("Enter")
    await until(lambda: [row.text for row in service.rows(message)] == ["mot\nhai"])
    assert await page.input_value("#text") == ""


async def test_buttons_answer_for_the_child(service: Service, page: Page) -> None:
    await type_and_send(page, "alo")
    await until(lambda: len(service.rows(message)) == 1)
    service.say(
        service.conversation().id, "rasa:1", Answer("Ở đâu?", (Button("Cẩm Phả", "tôi ở Cẩm Phả"), Button("Hạ Long")))
    )
    await page.click(".chip >> nth=0")
    await until(lambda: len(service.rows(message)) == 2)
    assert service.rows(message)[1].text == "tôi ở Cẩm Phả"
    assert await page.locator(".chip").count() == 0
    assert "Cẩm Phả" in await page.locator(".own").last.inner_text()


async def test_counsellor_is_marked_as_a_person(service: Service, page: Page) -> None:
    await type_and_send(page, "alo")
    await until(lambda: len(service.rows(message)) == 1)
    service.mark(voice=Voice.COUNSELLOR.value)
    service.say(service.conversation().id, "counsellor:1", Answer("Cô đây."), author=Author.COUNSELLOR)
    await page.wait_for_selector(".message.counsellor")
    assert "người thật" in await page.locator(".message.counsellor").inner_text()
    assert await page.locator("#there").is_visible()
    assert "người thật" in await page.locator("#there").inner_text()
    service.mark(voice=Voice.BOT.value)
    await until(page.locator("#there").is_hidden)


async def test_typing_is_shown_for_eight_seconds_at_most(service: Service, page: Page) -> None:
    await page.clock.install()
    await type_and_send(page, "alo")
    await until(lambda: len(service.rows(message)) == 1)
    typing = page.locator("#typing")
    await until(lambda: typing.evaluate("e => e.textContent === 'Đang soạn…'"))
    await page.clock.fast_forward(8000)
    await until(lambda: typing.evaluate("e => e.textContent === ''"))


async def test_offline_words_wait_and_go_once_in_order(service: Service, page: Page) -> None:
    await type_and_send(page, "alo")
    await until(lambda: len(service.rows(message)) == 1)
    await page.context.set_offline(True)
    await type_and_send(page, "bố đánh con")
    await type_and_send(page, "con sợ lắm")
    await page.wait_for_selector(".state.wait >> nth=1")
    assert hotlines.number("child_line") in await page.locator("#away").inner_text()
    await page.context.set_offline(False)
    await until(lambda: len(service.rows(message)) == 3)
    assert [row.text for row in service.rows(message)] == ["alo", "bố đánh con", "con sợ lắm"]
    await until(page.locator("#away").is_hidden)
    assert await page.locator(".own .state").all_text_contents() == ["Đã gửi"] * 3


async def test_reply_lost_on_the_way_makes_no_second_message(service: Service, page: Page) -> None:
    lost = []

    async def lose_the_first_reply(route: playwright_api.Route) -> None:
        if lost:
            await route.continue_()
            return
        lost.append((await route.fetch()).status)
        await route.abort()

    await page.route("**/chat/messages", lose_the_first_reply)
    await type_and_send(page, "bố đánh con")
    await until(lambda: page.locator(".state.sent").evaluate_all("found => found.length === 1"))
    assert lost == [202]
    assert [row.text for row in service.rows(message)] == ["bố đánh con"]


async def test_unknown_token_opens_a_new_session_and_sends_again(service: Service, page: Page) -> None:
    await page.evaluate("sessionStorage.setItem('s', 'of-another-key')")
    await type_and_send(page, "bố đánh con")
    await until(lambda: [row.text for row in service.rows(message)] == ["bố đánh con"])
    await page.wait_for_selector(".message.bot a[href^='tel:']")


async def test_very_long_text_goes_in_parts_without_losing_a_letter(service: Service, page: Page) -> None:
    text = " ".join(f"chữ{n}" for n in range(5000)) + "😢" * 9000
    await page.fill("#text", text)
    await page.click(".send")
    await until(lambda: len(service.rows(message)) == 5)
    assert "".join(row.text for row in service.rows(message)) == text


async def test_s19_database_away_shows_the_numbers_in_the_chat(service: Service, page: Page) -> None:
    service.db.down = True
    await type_and_send(page, "bố đánh con")
    await page.wait_for_selector(f".message.bot a[href='tel:{hotlines.number('police')}']")
    assert len(list(service.spool_folder.glob("*.msg"))) == 1


async def test_page_opened_again_goes_on_where_it_was(service: Service, page: Page) -> None:
    await type_and_send(page, "bố đánh con")
    await page.wait_for_selector(".message.bot a[href^='tel:']")
    await page.reload()
    await page.wait_for_selector(".message.bot a[href^='tel:']")
    assert "mở lại" in await page.locator(".message.system").inner_text()
    await type_and_send(page, "alo")
    await until(
        lambda: len({row.conversation_id for row in service.rows(message)}) == 1 and len(service.rows(message)) == 2
    )


async def leave_by_tap(page: Page) -> None:
    await page.tap("#exit")


async def leave_by_shift(page: Page) -> None:
    for _ in range(3):
        await page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [leave_by_tap, leave_by_shift])
async def test_s28_quick_exit_leaves_nothing_on_the_screen(
    service: Service, page: Page, leave: Callable[[Page], Awaitable[None]]
) -> None:
    await type_and_send(page, "bố đánh con")
    await page.wait_for_selector(".message.bot a[href^='tel:']")
    await leave(page)
    await page.wait_for_selector("#weather")
    assert page.url == EXIT
    await until(lambda: service.conversation().left_at is not None)
    assert service.rows(case)[0].state == "waiting"
    await page.go_back()  # to what was open before the chat
    assert not page.url.startswith(service.address)
    await page.goto(service.address)
    await page.wait_for_selector("#form:not([hidden])")
    assert "bố đánh con" not in await page.content()
    assert await page.locator(".message").count() == 1  # the notice alone


async def test_s28_page_is_blank_before_the_other_one_has_come(service: Service, page: Page) -> None:
    await type_and_send(page, "bố đánh con")
    await page.wait_for_selector(".own")
    seen = await page.evaluate(
        """() => { document.getElementById('exit').click();
                   return [document.body.innerText, document.title, sessionStorage.length,
                           getComputedStyle(document.body).backgroundColor]; }"""
    )
    assert seen == ["", "Thời tiết", 0, "rgb(255, 255, 255)"]


async def test_s28_capital_letters_are_no_quick_exit(service: Service, page: Page) -> None:
    await page.click("#text")
    for letter in "CUU":
        await page.keyboard.press(f"Shift+{letter}")
    await page.keyboard.down("Control")  # a change of keyboard
    for _ in range(3):
        await page.keyboard.press("Shift")
    await page.keyboard.up("Control")
    await asyncio.sleep(0.3)
    assert page.url.startswith(service.address)
    assert await page.input_value("#text") == "CUU"


async def test_s28_unsent_cry_goes_along(service: Service, page: Page) -> None:
    await type_and_send(page, "alo")
    await until(lambda: len(service.rows(message)) == 1)
    await page.route("**/chat/messages", lambda route: route.abort())
    await type_and_send(page, "bố đánh con")
    await page.wait_for_selector(".state.wait")
    assert await page.locator("#away").is_visible()
    await page.tap("#exit")
    await until(lambda: [row.text for row in service.rows(message)] == ["alo", "bố đánh con"])
    await until(lambda: service.conversation().left_at is not None)


async def test_s28_help_page_leaves_no_step_for_back(service: Service, page: Page) -> None:
    await type_and_send(page, "bố đánh con")
    await page.wait_for_selector(".message.bot a[href^='tel:']")
    length = await page.evaluate("history.length")
    await page.click("a[data-inside]")
    await page.wait_for_selector("h2")
    assert await page.evaluate("history.length") == length
    await leave_by_shift(page)
    await page.wait_for_selector("#weather")
    await until(lambda: service.conversation().left_at is not None)
    assert await page.evaluate("history.length") == length


async def test_page_without_script_shows_numbers_and_other_ways(service: Service, page: Page) -> None:
    plain = await page.context.browser.new_context(viewport={"width": 320, "height": 568}, java_script_enabled=False)
    opened = await plain.new_page()
    await opened.goto(service.address)
    assert await opened.locator("#plain").is_visible()
    assert not await opened.locator("#form").is_visible()
    assert "Zalo" in await opened.locator("#plain").inner_text()
    assert await opened.get_attribute("#exit", "href") == EXIT
    await plain.close()
