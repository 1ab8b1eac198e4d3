from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tianang.lines import answer_lines, printable


def run(*lines: str) -> list[dict[str, Any]]:
    source = io.StringIO("\n".join(lines) + "\n")
    return [json.loads(line) for line in answer_lines(source, lambda text, sender: {"text": text, "sender": sender})]


def test_ids_keep_their_type_and_order() -> None:
    out = run('{"id": 7, "text": "a"}', '{"id": "7", "text": "b", "sender": 3}', '{"text": "c"}')
    assert [o["id"] for o in out] == [7, "7", None]
    assert out[1]["sender"] == "3"


@pytest.mark.parametrize(
    ("line", "given_id"),
    [
        ("not json", None),
        ("[1]", None),
        ('"text"', None),
        ('{"id": 1}', 1),
        ('{"id": "x", "text": 5}', "x"),
        ('{"id": 2, "text": "   "}', 2),
        ('{"id": 3, "text": null}', 3),
    ],
)
def test_a_line_without_a_question_is_answered_with_an_error(line: str, given_id: object) -> None:
    bad, good = run(line, '{"id": "after", "text": "vẫn chạy"}')
    assert bad["id"] == given_id and bad["error"] and "text" not in bad
    assert good["id"] == "after"


def test_an_emoji_is_a_text() -> None:
    assert run('{"id": 1, "text": "😭"}')[0]["text"] == "😭"


def test_a_lone_surrogate_does_not_end_the_run() -> None:
    (line,) = answer_lines(io.StringIO('{"id": 1, "text": "a\\ud83d"}\n'), lambda text, sender: {"text": text})
    printable(line).encode("utf-8")
