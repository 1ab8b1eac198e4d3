"""Numbered menus, and what a number stands for that comes back."""

from __future__ import annotations

import unicodedata

import pytest

from connectors.zalo.menu import INVITATION, menu
from helpline.choices import pick
from helpline.messages import Button

BUTTONS = (Button("Lớp bơi ở xã khác"), Button("Hồ sơ gồm những gì?"), Button("Gặp tư vấn viên", "gặp người thật"))


def test_menu() -> None:
    assert menu(BUTTONS) == (f"{INVITATION}\n1. Lớp bơi ở xã khác\n2. Hồ sơ gồm những gì?\n3. Gặp tư vấn viên")
    assert menu(()) == menu((Button(" "),)) == ""


def test_a_title_without_words_keeps_its_number_unused() -> None:
    buttons = (Button("A"), Button(" "), Button("C"))
    assert menu(buttons) == f"{INVITATION}\n1. A\n3. C"
    assert pick("2", buttons) is None
    assert pick("3", buttons) == Button("C")


@pytest.mark.parametrize(
    "text",
    [
        "2",
        " 2 ",
        "2.",
        "2)",
        "02",
        "số 2",
        "Số 2 ạ",
        "so 2",
        "chọn 2",
        "Chọn số 2 nhé",
        "câu 2 a",
        "2 ạ.",
        "2️⃣",
        "２",
        "mục 2",
        "2!",
    ],
)
def test_number(text: str) -> None:
    assert pick(text, BUTTONS) == BUTTONS[1]


@pytest.mark.parametrize(
    "text",
    [
        "Hồ sơ gồm những gì?",
        "hồ sơ gồm những gì",
        " Hồ sơ  gồm những gì ",
        unicodedata.normalize("NFD", "Hồ sơ gồm những gì?"),
    ],
)
def test_title(text: str) -> None:
    assert pick(text, BUTTONS) == BUTTONS[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "4",
        "111",
        "18001769",
        "2 đứa con em bị đánh",
        "em 2 tuổi",
        "lớp 2",
        "1 2",
        "2 3",
        "hồ sơ",
        "ạ",
        "số",
        "-2",
        "2,5",
        "gọi 113",
    ],
)
def test_anything_more_is_no_choice(text: str) -> None:
    assert pick(text, BUTTONS) is None


def test_without_buttons_nothing_is_chosen() -> None:
    assert pick("1", ()) is None
