from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpline import first_response, hotlines
from helpline.wording import load, say
from safety.assessment import Category, Level, Who
from tests.fakes.screen import verdict

ROOT = Path(__file__).parents[2]
PLACES_OF_TEXT = ("helpline/wording.yml", "actions/dialogue.yml", "desk/canned.yml", "kb/content/entries")
NUMBER = re.compile(r"(?<![\d./-])(?:11[1-5]|1[89]00[\d. ]{4,9}|0\d{2,3}[. ]?\d{3}[. ]?\d{3,4})(?![\d./-])")


def sentences() -> Iterator[tuple[str, str]]:
    def walk(node: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, str):
            yield path, node
        elif isinstance(node, dict):
            for key, value in node.items():
                yield from walk(value, f"{path}.{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                yield from walk(value, f"{path}[{index}]")

    yield from walk(load(), "wording")


@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("who", list(Who))
@pytest.mark.parametrize("level", [Level.URGENT, Level.CONCERN])
@pytest.mark.parametrize("on_shift", [0, 2])
@pytest.mark.parametrize("again", [False, True])
def test_s02_every_first_response_holds_both_lines(
    category: Category, who: Who, level: Level, on_shift: int, again: bool
) -> None:
    text = first_response.compose(verdict(level, category, who), on_shift=on_shift, again=again).text
    assert hotlines.number("child_line") in text and hotlines.number("province_line") in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("category", "key"),
    [
        (Category.PHYSICAL_ABUSE, "police"),
        (Category.DOMESTIC_VIOLENCE, "police"),
        (Category.SEXUAL_ABUSE, "police"),
        (Category.TRAFFICKING, "police"),
        (Category.DANGER, "fire_rescue"),
        (Category.DANGER, "ambulance"),
        (Category.SELF_HARM, "ambulance"),
    ],
)
def test_the_number_of_the_danger_comes_first(category: Category, key: str) -> None:
    text = first_response.compose(verdict(Level.URGENT, category, Who.SELF_CHILD), on_shift=0).text
    assert text.index(hotlines.number(key)) < text.index(f"{hotlines.number('child_line')}:")


def test_available_now_is_said_only_of_numbers_that_answer_at_any_hour() -> None:
    for line in hotlines.load().values():
        assert line.available_now == (line.number in {"111", "113", "114", "115"}), line.key


def test_the_wrong_number_cannot_be_said() -> None:
    wrong = [line for line in hotlines.load().values() if line.number == "19001769"]
    assert [line.do_not_use for line in wrong] == [True]
    with pytest.raises(KeyError):
        hotlines.number(wrong[0].key)


def test_an_unknown_placeholder_is_a_bug_that_shows() -> None:
    with pytest.raises(KeyError):
        hotlines.fill("gọi {nobody}")


def test_no_number_is_written_out_where_people_read() -> None:
    files = [p for place in PLACES_OF_TEXT for p in ([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*.yml"))]
    assert len(files) > 20
    found = []
    for path in files:
        for line in _spoken_lines(path):
            found += [f"{path.name}: {match.group()}: {line.strip()[:60]}" for match in NUMBER.finditer(line)]
    assert not found


def _spoken_lines(path: Path) -> list[str]:
    """The lines of a file that may reach a reader: not comments, not example questions, not codes of facts."""
    if path.parent.name != "entries":
        return [line for line in path.read_text(encoding="utf-8").splitlines() if not re.match(r"\s*(#|- key:)", line)]
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [str(entry.get(key) or "") for entry in entries for key in ("title", "short", "child", "more")]


HARD_QUESTIONS = re.compile(r"tại sao|vì sao|sao em lại|sao bạn lại|kể chi tiết|bằng chứng|gửi ảnh|chụp lại|như thế nào\?", re.I)
PROMISES = re.compile(r"không ai biết|giữ bí mật tuyệt đối|chắc chắn sẽ|hứa|em sẽ an toàn|bạn sẽ an toàn", re.I)


@pytest.mark.parametrize("name", ["helpline/wording.yml", "actions/dialogue.yml", "desk/canned.yml"])
def test_s13_s14_never_asks_for_details_nor_promises(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert not HARD_QUESTIONS.search(body) and not PROMISES.search(body)


def test_s11_the_notice_is_short_and_says_what_must_be_said() -> None:
    for key in ("notice.web", "notice.chat"):
        text = say(key)
        assert len(text.splitlines()) <= 8
        for word in ("tự động", "không phải người thật", "90 ngày", "xóa"):
            assert word in text


def test_s39_sentences_for_children_are_short() -> None:
    for path, text in sentences():
        if not path.endswith(".child"):
            continue
        for sentence in re.split(r"[.!?:\n]", hotlines.fill(text.replace("{minutes}", "10"))):
            assert len(sentence.split()) <= 20, f"{path}: {sentence}"
