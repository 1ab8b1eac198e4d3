"""The pages themselves: what must stand on them, and what must not stand in any of their files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from web_service import Service

from connectors.web import pages, sentences
from connectors.web.pages import EXIT, STATIC, TEMPLATES
from helpline import hotlines
from helpline.clock import MovableClock
from helpline.keyring import Keyring
from helpline.wording import say

HERE = Path(pages.__file__).parent
FILES = sorted(
    path for path in HERE.rglob("*") if path.is_file() and path.suffix in (".py", ".html", ".css", ".js", ".svg")
)
SENT_TO_PHONES = sorted([*STATIC.iterdir(), *TEMPLATES.iterdir()])
LONGEST_SENTENCE = 20  # syllables, safeguarding 39


class Seen(HTMLParser):
    """What a page shows: its text by block, its links, its tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.links: dict[str, str] = {}
        self._href: str | None = None
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in ("title", "script", "style")
        self._href = dict(attrs).get("href") if tag == "a" else self._href
        if tag in ("p", "li", "h1", "h2", "br", "div", "a", "label", "button"):
            self.text += "\n" if tag != "a" else ""

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        self._href = None if tag == "a" else self._href
        if tag in ("p", "li", "h1", "h2", "div", "label", "button"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.text += data
        if self._href:
            self.links[self._href] = self.links.get(self._href, "") + data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def service(tmp_path: Path, keyring: Keyring, clock: MovableClock) -> Iterator[Service]:
    made = Service(tmp_path, keyring, clock)
    yield made
    made.db.close()


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with service.page() as page:
        yield page.http


@pytest.mark.parametrize("path", ["/", "/tro-giup"])
async def test_name_numbers_and_exit_stand_on_every_page(http: httpx.AsyncClient, path: str) -> None:
    seen = Seen((await http.get(path)).text)
    bar = seen.text[: seen.text.index("Thoát nhanh")]
    assert "Tia Nắng" in bar
    assert "trợ lý tự động" in bar
    for key in ("child_line", "province_line"):
        number = hotlines.number(key)
        assert number in seen.links[f"tel:{number}"]
    assert seen.links[EXIT] == "Thoát nhanh"
    assert seen.of("html")[0]["lang"] == "vi"
    assert any("exit.js" in (script["src"] or "") for script in seen.of("script"))


async def test_s11_notice_stands_first_in_at_most_eight_short_lines(http: httpx.AsyncClient) -> None:
    seen = Seen((await http.get("/")).text)
    lines = say("notice.web").splitlines()
    places = [seen.text.index(line) for line in lines]
    assert places == sorted(places)
    assert len(lines) <= 8
    said = " ".join(lines)
    for word in ("trợ lý tự động", "không phải người thật", "giữ", "báo người có trách nhiệm", "Thoát nhanh"):
        assert word in said


async def test_nothing_alarming_shows_in_the_tab(http: httpx.AsyncClient) -> None:
    for path in ("/", "/tro-giup"):
        assert "<title>Tia Nắng</title>" in (await http.get(path)).text


async def test_page_helps_without_its_script(http: httpx.AsyncClient) -> None:
    html = (await http.get("/")).text
    seen = Seen(html)
    [form] = seen.of("form")
    assert "hidden" in form  # the script shows it
    [plain] = [attributes for attributes in seen.of("div") if attributes.get("id") == "plain"]
    assert "hidden" not in plain
    shown = Seen(html[html.index('id="plain"') : html.index("<form")]).text
    for word in ("Zalo", "Telegram", hotlines.number("child_line"), hotlines.number("police")):
        assert word in shown


async def test_page_can_be_used_by_keyboard_and_ear(http: httpx.AsyncClient) -> None:
    seen = Seen((await http.get("/")).text)
    [log] = [a for _, a in seen.tags if a.get("role") == "log"]
    assert log["aria-label"]
    assert log["tabindex"] == "0"
    [field] = seen.of("textarea")
    assert [label["for"] for label in seen.of("label")] == [field["id"]]
    assert field["autocomplete"] == "off"
    assert field["spellcheck"] == "false"  # a browser's speller may send what is typed elsewhere
    assert len([a for _, a in seen.tags if a.get("role") == "status"]) == 3
    assert not [a for _, a in seen.tags if (a.get("tabindex") or "0") > "0"]
    assert "user-scalable" not in str(seen.of("meta"))


async def test_s29_help_page_says_what_the_exit_cannot_hide(http: httpx.AsyncClient) -> None:
    seen = Seen((await http.get("/tro-giup")).text)
    hidden = seen.text[seen.text.index("không giấu được") : seen.text.index("Cách xóa dấu vết")]
    for trace in (
        "Lịch sử trình duyệt",
        "Ảnh chụp màn hình",
        "Thông báo",
        "Nhật ký cuộc gọi",
        "Người đang nhìn màn hình",
    ):
        assert trace in hidden
    for browser in ("Chrome", "Safari", "Ctrl"):
        assert browser in seen.text
    for part in ("Điều gì được giữ", "Ai đọc tin của bạn", "tư vấn viên", "ẩn danh"):
        assert part in seen.text
    for key in ("child_line", "province_line", "police", "fire_rescue", "ambulance"):
        assert f"tel:{hotlines.number(key)}" in seen.links
    assert seen.links["/"]
    assert "/tro-giup" in Seen((await http.get("/")).text).links


@pytest.mark.parametrize("path", ["/", "/tro-giup"])
async def test_s39_sentences_are_short(http: httpx.AsyncClient, path: str) -> None:
    text = Seen((await http.get(path)).text).text
    for line in hotlines.load().values():
        text = text.replace(line.purpose, "") if line.purpose else text  # lists, reviewed where they stand
    sentences_ = [s.strip() for s in re.split(r"[.!?:;…\n]+", text) if s.strip()]
    assert len(sentences_) > 15
    assert [s for s in sentences_ if len(s.split()) > LONGEST_SENTENCE] == []


@pytest.mark.parametrize("name", ["TOO_FAST", "TOO_LARGE", "UNREADABLE", "UNKNOWN_PAGE"])
def test_every_refusal_holds_the_numbers_and_blames_nobody(name: str) -> None:
    sentence = sentences.say(getattr(sentences, name))
    for key in ("child_line", "province_line"):
        assert hotlines.number(key) in sentence
    assert "{" not in sentence
    assert not re.search("lỗi|sai|cấm|từ chối", sentence)


@pytest.mark.parametrize("path", ["/", "/tro-giup", "/static/chat.js", "/chat/session", "/chat/updates"])
async def test_every_response_carries_the_security_headers(http: httpx.AsyncClient, path: str) -> None:
    response = await http.request("POST" if path.endswith("session") else "GET", path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in response.headers
    if not path.startswith("/static/chat"):
        assert response.headers["cache-control"] == "no-store"


async def test_files_are_kept_by_the_phone_only_under_their_version(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) == 4
    for address in addresses:
        response = await http.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert (await http.get(address.split("?")[0])).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/../door.py", "/static/..%2fdoor.py", "/static/%2e%2e/templates/base.html"])
async def test_nothing_but_the_static_folder_is_served(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/tro-giup"])
async def test_nothing_inline_that_the_policy_would_stop(http: httpx.AsyncClient, path: str) -> None:
    seen = Seen((await http.get(path)).text)
    assert all(script.get("src") for script in seen.of("script"))
    assert not seen.of("style")
    assert [n for _, attributes in seen.tags for n in attributes if n == "style" or n.startswith("on")] == []


def test_files_are_there_and_light() -> None:
    assert {"chat.html", "help.html", "base.html", "chat.css", "chat.js", "exit.js", "icon.svg"} <= {
        path.name for path in SENT_TO_PHONES
    }
    assert sum(path.stat().st_size for path in SENT_TO_PHONES) < 60_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_address_of_others_and_no_number_in_any_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    foreign = [
        a
        for a in re.findall(r"(?:https?:)?//[\w-]+\.[\w./?=+&-]+", text)
        if a not in (EXIT, "http://www.w3.org/2000/svg")
    ]
    assert foreign == []
    if path.name != "pages.py":
        assert EXIT not in text
    for line in hotlines.load().values():
        assert not re.search(rf"(?<![\w#.-]){re.escape(line.number)}(?![\w.%-])", text), line.key


@pytest.mark.parametrize("name", ["chat.js", "exit.js"])
def test_scripts_stay_readable_for_old_phones(name: str) -> None:
    text = (STATIC / name).read_text(encoding="utf-8")
    assert re.findall(r"=>|`|\b(?:let|const|class|async|await)\s|\?\?|\?\.[A-Za-z(]|\bfetch\(", text) == []
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|localStorage|document\.cookie", text)
        == []
    )


def test_letters_are_never_small() -> None:
    css = (STATIC / "chat.css").read_text(encoding="utf-8")
    sizes = [int(size) for size in re.findall(r"(?:font-size|font):\s*(\d+)px", css)]
    assert len(sizes) > 5
    assert min(sizes) >= 16


def _colours(css: str) -> dict[str, str]:
    found = {}
    for name, value in re.findall(r"--([a-z-]+):\s*#([0-9a-f]{3,6});", css):
        found[name] = value if len(value) == 6 else "".join(c * 2 for c in value)
    return found


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_far_enough_apart(scheme: str) -> None:
    css = (STATIC / "chat.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    colours = _colours(light) if scheme == "light" else _colours(dark)
    assert len(colours) == 15
    pairs = [("ink", ground) for ground in ("ground", "bar", "own", "bot", "person", "system")]
    pairs += [("faint", ground) for ground in ("ground", "bar", "own", "bot", "person", "system")]
    pairs += [("link", ground) for ground in ("ground", "own", "bot", "person", "system")]
    pairs += [("go-ink", "go"), ("exit-ink", "exit")]
    ratios = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}
