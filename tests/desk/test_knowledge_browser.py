"""The editors' form in a real browser: numbers by button, bubbles that follow the writing, nothing lost, on a phone too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline import hotlines
from tests.desk.conftest import PASSWORD, Office
from tests.desk.library import ENTRIES, Library, fill
from tests.servers import serve

playwright_api = pytest.importorskip("playwright.sync_api")
Browser, Page, expect = playwright_api.Browser, playwright_api.Page, playwright_api.expect

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WAIT_MS = 60_000
NUMBER = hotlines.number("child_line")
SHELTER = ENTRIES[1]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def library(office: Office) -> Library:
    made = fill(office)
    office.hire("mai", "editor")
    office.hire("tuan", "editor")
    return made


@pytest.fixture
def address(library: Library) -> Iterator[str]:
    with serve(library.office.app) as at:
        yield at


def sign_in(browser: Browser, address: str, login: str, width: int = 1280, height: int = 900) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN").new_page()
    page.set_default_timeout(WAIT_MS)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{address}/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("[data-page=knowledge]")
    return page


def see(page: Page, selector: str, text: str) -> None:
    expect(page.locator(selector).first).to_contain_text(text, timeout=WAIT_MS)


def test_an_editor_writes_and_a_second_person_publishes(browser: Browser, address: str, library: Library) -> None:
    page = sign_in(browser, address, "mai")
    page.fill("[name=q]", "tam lanh")
    page.click(".search button")
    page.click(f"a.entry:has-text('{SHELTER.title}')")
    page.click("text=Sửa")
    page.fill("#f-short", "Tạm lánh là nơi ở an toàn. Cứ gọi ")
    see(page, "#preview .chat-bubble .said", "Cứ gọi")
    page.type("#f-short", NUMBER)
    see(page, "[data-faults=short] .fault.bad", "bấm nút")  # while writing, beside the field
    page.click("text=Lưu nháp")
    see(page, ".warning", "Chưa lưu")
    assert page.input_value("#f-short") == f"Tạm lánh là nơi ở an toàn. Cứ gọi {NUMBER}", "nothing is lost"
    page.fill("#f-short", "Tạm lánh là nơi ở an toàn. Cứ gọi ")
    page.press("#f-short", "End")
    page.click("[data-into=f-short][data-insert='{child_line}']")
    assert page.input_value("#f-short").endswith("gọi {child_line}")
    see(page, "#preview .chat-bubble .said", f"Cứ gọi {NUMBER}")
    expect(page.locator("[data-faults=short] .fault")).to_have_count(0, timeout=WAIT_MS)
    page.click("text=Lưu và gửi duyệt")
    see(page, ".pending-box", "chờ người thứ hai")
    assert page.problems == []

    second = sign_in(browser, address, "tuan")
    second.click("text=1 bản chờ duyệt")
    second.click(f"a.entry:has-text('{SHELTER.title}')")
    see(second, ".changes ins", "Cứ gọi")
    second.click("text=Đăng bản này")
    see(second, "#toast", "trong vòng một phút")
    expect(second.locator(".pending-box")).to_have_count(0, timeout=WAIT_MS)
    assert library.stands("shelter.what").published.entry.short == "Tạm lánh là nơi ở an toàn. Cứ gọi {child_line}"  # type: ignore[union-attr]
    assert second.problems == []


def test_what_is_being_written_outlives_a_page_that_is_left(browser: Browser, address: str) -> None:
    page = sign_in(browser, address, "mai")
    page.goto(f"{address}/knowledge/new")
    page.fill("#f-title", "Đồ bơi cần mang")
    page.fill("#f-short", "Mang khăn.")
    see(page, "#preview .chat-bubble .said", "Mang khăn.")
    page.click("text=Quay lại")
    page.wait_for_selector("[data-page=knowledge]")
    page.click("text=Viết mục mới")
    see(page, "#restored", "đang viết dở")
    page.reload()
    see(page, "#restored", "đang viết dở")
    assert (page.input_value("#f-title"), page.input_value("#f-short")) == ("Đồ bơi cần mang", "Mang khăn.")
    page.click("#forget")
    assert page.input_value("#f-title") == ""
    page.reload()
    page.wait_for_selector("#f-title")
    assert not page.is_visible("#restored")
    page.fill("#f-title", "Bản cũ")
    page.goto(f"{address}/knowledge/entry/shelter.what/edit?from=1")
    page.fill("#f-short", "Nháp.")
    page.click("text=Lưu nháp")
    page.wait_for_selector("[data-page=knowledge-entry]")
    page.click("a:has-text('Sửa')")
    page.wait_for_selector("#entry-form")
    assert not page.is_visible("#restored"), "what was saved is no longer kept"


def test_the_list_of_sources_grows_as_it_is_filled(browser: Browser, address: str) -> None:
    page = sign_in(browser, address, "mai")
    page.goto(f"{address}/knowledge/new")
    rows = page.locator(".rows:not(.single) li:visible")
    expect(rows).to_have_count(1, timeout=WAIT_MS)
    page.fill("#f-source-1", "56/2017/NĐ-CP")
    expect(rows).to_have_count(2, timeout=WAIT_MS)
    assert page.locator("#all-sources option").count() == 2
    assert not page.is_visible("#f-replaced-by") and not page.is_visible("#f-readings")
    page.select_option("#f-validity", "conflict")
    assert page.is_visible("#f-readings")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_fit_their_screen(browser: Browser, address: str, library: Library, tmp_path: Path, width: int) -> None:
    library.miss("học bơi mang đồ gì", "hoc boi mang do gi a " + "dài" * 60)
    page = sign_in(browser, address, "mai", width, 800)
    paths = ("", "/misses", "/new", "/entry/hotline.child_line", "/entry/hotline.child_line/edit", "/entry/hotline.child_line/history")
    for path in paths:
        page.goto(f"{address}/knowledge{path}")
        page.wait_for_selector("section.knowledge")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        for box in [one.bounding_box() for one in page.query_selector_all("section.knowledge button:visible, section.knowledge a.button:visible")]:
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] >= 34), path
    page.goto(f"{address}/knowledge/entry/hotline.child_line/edit")
    form, bubbles = page.locator("#entry-form").bounding_box(), page.locator("#preview").bounding_box()
    if width > 1000:
        assert bubbles["x"] >= form["x"] + form["width"], "the bubbles stand beside the form"
    else:
        assert bubbles["y"] >= form["y"] + form["height"], "the bubbles stand under the form"
    before = page.locator("#preview").screenshot(path=tmp_path / "before.png")
    page.fill("#f-short", "Lời khác hẳn, đủ dài để nhìn thấy trên màn hình.")
    see(page, "#preview .chat-bubble .said", "Lời khác hẳn")
    assert page.locator("#preview").screenshot(path=tmp_path / "after.png") != before
    assert page.problems == []


def test_a_page_without_script_works(browser: Browser, address: str, library: Library) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{address}/login")
    page.fill("[name=login]", "mai")
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    page.goto(f"{address}/knowledge/entry/shelter.what/edit")
    page.fill("#f-short", "")
    page.fill("#f-child", "Lời cho trẻ.")
    page.click("text=Lưu nháp")
    see(page, ".fault.bad", "Cần có câu trả lời ngắn")
    assert page.input_value("#f-child") == "Lời cho trẻ."
    page.fill("#f-short", "Lời mới.")
    page.click("text=Lưu và gửi duyệt")
    see(page, ".pending-box", "chờ người thứ hai")
    assert library.stands("shelter.what").newest.entry.child == "Lời cho trẻ."
    context.close()
