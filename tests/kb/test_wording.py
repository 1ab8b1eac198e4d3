from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from kb.schema import Audience
from kb.validate import dead_bodies, number_faults, sent_to
from kb.wording import load, say


def sentences(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from sentences(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, str):
        yield path, node


@pytest.mark.parametrize(("path", "text"), list(sentences(load())), ids=lambda value: str(value)[:30])
def test_no_number_is_written_out_and_no_dead_door_named(own: Any, path: str, text: str) -> None:
    assert number_faults(text) == []
    assert sent_to(text, dead_bodies(own)) == []


def test_what_is_not_known_names_both_lines() -> None:
    for audience in Audience:
        text = say("not_found", audience)
        assert "111" in text and "18001769" in text


def test_the_adults_words_serve_where_there_are_no_own() -> None:
    assert say("no_more", Audience.OFFICIAL) == say("no_more", Audience.ADULT)


def test_values_are_put_in_their_places() -> None:
    assert say("place.became", old="Xã A", now="xã B") == "Xã A cũ nay thuộc xã B."


def test_a_path_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(KeyError):
        say("place.nowhere")


def test_no_line_is_promised_to_answer_now() -> None:
    assert not re.search(r"gọi được ngay", " ".join(text for _, text in sentences(load())))
