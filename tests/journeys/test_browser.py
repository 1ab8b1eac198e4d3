"""A child writes on the web chat, the desk rings, the counsellor answers, the child reads it: in a real browser."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from desk.labels import CHANNELS
from helpline import hotlines
from tests.journeys.conftest import System

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PASSWORD = "một câu dài dễ nhớ 2026"

pytestmark = [
    pytest.mark.model,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def desk(browser: Browser, system: System) -> Page:
    """The first administrator, signed in with the one-time password, a new one set, on shift."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN").new_page()
    page.goto(system.desk)
    login, password = system.admin
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("button.main")
    page.fill("[name=old]", password)
    page.fill("[name=new]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click("main button.main")
    page.goto(system.desk)
    page.click("#shift button")
    expect(page.locator("#shift")).to_contain_text("Đang trong ca")
    return page


def phone(browser: Browser, system: System) -> Page:
    page = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, locale="vi-VN").new_page()
    page.goto(system.web)
    expect(page.locator("#form")).to_be_visible()
    return page


def write(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def keep(page: Page, name: str) -> None:
    """A picture for the README, where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_child_writes_the_desk_rings_the_counsellor_answers_the_child_reads(
    browser: Browser, system: System, desk: Page
) -> None:
    child = phone(browser, system)
    expect(child.locator("#log")).to_contain_text("trợ lý tự động")
    write(child, "bo chau say ruou danh chau, chau tron trong nha tam")
    expect(child.locator("#log")).to_contain_text(hotlines.number("police"), timeout=5_000)
    expect(child.locator("#log")).to_contain_text("chỗ em đang ở có an toàn không", timeout=15_000)
    keep(child, "web-chat")

    waiting = desk.locator("#waiting-lines a", has_text=CHANNELS["web"]).last
    expect(waiting).to_contain_text("Khẩn cấp", timeout=5_000)
    expect(desk).to_have_title(re.compile("khẩn cấp|đang chờ|Hàng chờ", re.I))
    keep(desk, "desk-queue")
    waiting.click()
    desk.click("text=Nhận trường hợp này")
    expect(desk.locator("#text")).to_be_visible(timeout=5_000)
    expect(child.locator("#log")).to_contain_text("người thật", timeout=5_000)

    desk.fill("#text", "Chào em, cô là tư vấn viên. Cô ở đây với em.")
    desk.press("#text", "Control+Enter")
    expect(child.locator("#log")).to_contain_text("Cô ở đây với em.", timeout=5_000)

    before = child.locator("#log .bot").count()
    write(child, "da con dang o trong nha tam")
    expect(desk.locator("#live")).to_contain_text("da con dang o trong nha tam", timeout=5_000)
    keep(desk, "desk-case")
    keep(child, "web-chat-counsellor")
    child.wait_for_timeout(1_500)
    assert child.locator("#log .bot").count() == before, "the bot is silent while the counsellor speaks"

    desk.click("summary:has-text('Kết thúc')")
    desk.select_option("[name=outcome]", index=1)
    desk.click("form[action$='/close'] button")
    expect(child.locator("#log")).to_contain_text("đã kết thúc", timeout=5_000)
    write(child, "so dien thoai bao ve tre em")
    expect(child.locator("#log .bot").last).to_contain_text(hotlines.number("child_line"), timeout=15_000)


def test_s28_quick_exit_leaves_a_blank_page_and_no_words_behind(browser: Browser, system: System) -> None:
    child = phone(browser, system)
    child.route("**/*", lambda route: route.fulfill(body="thời tiết") if "127.0.0.1" not in route.request.url else route.continue_())
    write(child, "con buồn lắm, không ai chơi với con")
    expect(child.locator("#log")).to_contain_text(hotlines.number("child_line"), timeout=5_000)
    child.click("#exit")
    child.wait_for_url(lambda url: "127.0.0.1" not in url, timeout=5_000)
    child.go_back()
    child.wait_for_timeout(500)
    assert "con buồn" not in child.content()


def test_tapping_a_button_sends_what_it_says(browser: Browser, system: System) -> None:
    page = phone(browser, system)
    write(page, "xin chào")
    button = page.locator("#log button", has_text="Lớp bơi miễn phí").first
    expect(button).to_be_visible(timeout=15_000)
    button.click()
    expect(page.locator("#log .bot").last).to_contain_text("bơi", timeout=15_000)
