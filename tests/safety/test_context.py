"""Cues: what they do to evidence, how far they reach, and what stops them."""

from __future__ import annotations

from pathlib import Path

import pytest

from safety.assessment import Status, Who
from safety.context import Cues, Judged
from safety.phrases import Tokens
from safety.rules import Findings, Rules
from vietnamese import normalise


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load()


def find(rules: Rules, text: str) -> Findings:
    return rules.find(Tokens.of(normalise(text)))


def strongest(rules: Rules, text: str) -> Judged:
    return max(find(rules, text).judged, key=lambda one: one.hit.rule.weight)


@pytest.mark.parametrize(
    ("text", "status", "cue", "level"),
    [
        ("bố đánh con", Status.PRESENT, None, "urgent"),
        ("bố không đánh con", Status.NEGATED, "not", "none"),
        ("bo khong danh con", Status.NEGATED, "not", "none"),
        ("bố không bao giờ đánh con", Status.NEGATED, "nobody", "none"),
        ("bố không những đánh con", Status.PRESENT, None, "urgent"),
        ("không biết sao bố đánh con", Status.PRESENT, None, "urgent"),
        ("con không nghe là bố đánh con", Status.PRESENT, None, "urgent"),
        ("con không ngoan nên bố đánh con", Status.PRESENT, None, "urgent"),
        ("nếu bố đánh con", Status.HYPOTHETICAL, "if", "check"),
        ("nếu con kể thì bố đánh con", Status.PRESENT, None, "urgent"),
        ("nếu thấy bố đánh bạn em", Status.HYPOTHETICAL, "if", "none"),
        ("trong phim bố đánh con", Status.FICTION, "story", "none"),
        ("viết đoạn văn bố đánh con", Status.FICTION, "homework", "none"),
        ("xem phim xong. bố đánh con", Status.PRESENT, None, "urgent"),
        ("hồi nhỏ bố đánh con", Status.PRESENT, None, "urgent"),  # nobody says that it is over
        ("hồi nhỏ bố đánh con, bố mất rồi", Status.PAST, "long_ago_and_over", "concern"),
        ("hỏi hộ bạn, bố đánh con", Status.OTHER_PERSON, "asks_for_a_friend", "urgent"),
        ("chồng em đánh em thì bị phạt thế nào", Status.PRESENT, None, "urgent"),
        ("chồng đánh vợ thì bị phạt thế nào", Status.HYPOTHETICAL, "law_question", "none"),
        ("con không muốn sống nữa", Status.PRESENT, None, "urgent"),  # "không" is part of the wish
        ("không phải con không muốn sống nữa", Status.NEGATED, "it_is_not_that", "urgent"),  # the floor holds
    ],
)  # fmt: skip
def test_cues(rules: Rules, text: str, status: Status, cue: str | None, level: str) -> None:
    judged = strongest(rules, text)
    assert (judged.status, judged.changed_by, judged.level) == (status, cue, level)


def test_of_several_cues_the_one_that_says_most_against_it_counts(rules: Rules) -> None:
    assert strongest(rules, "nếu trong phim bố đánh con").status is Status.FICTION


def test_weaker_rules_follow_the_surest_on_the_same_deed(rules: Rules) -> None:
    assert {one.level for one in find(rules, "nếu thấy bạn em bị bố đánh thì gọi ai").judged} <= {"none"}


@pytest.mark.parametrize(
    "entry",
    [
        "{name: x, status: gone, direction: both, scope: 1, phrases: a}",
        "{name: x, status: past, direction: up, scope: 1, phrases: a}",
        "{name: x, status: past, direction: both, scope: 1, phrases: a, spare: self}",
    ],
)
def test_a_faulty_cue_is_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "context.yml"
    path.write_text(f"stops: []\npseudo: a\nover: a\ncues: [{entry}]\n", encoding="utf-8")
    with pytest.raises(ValueError):
        Cues.load(path)


@pytest.mark.parametrize(
    ("victims", "text", "who"),
    [
        (["self"], "bố đánh con", Who.SELF_CHILD),
        (["self"], "đi làm về bị sếp đánh em", Who.SELF_ADULT),
        (["self"], "bị đánh", Who.UNKNOWN),
        (["self_child"], "bị gả", Who.SELF_CHILD),
        (["self_adult"], "bị đánh", Who.SELF_ADULT),
        (["other", "self"], "con", Who.THIRD_PARTY),
        (["any"], "bạn em khóc", Who.THIRD_PARTY),
        (["any"], "em khóc", Who.SELF_CHILD),
        ([], "con gái tôi buồn", Who.THIRD_PARTY),
        ([], "tôi buồn", Who.SELF_ADULT),
        ([], "buồn", Who.UNKNOWN),
    ],
)
def test_who_is_at_risk(rules: Rules, victims: list[str], text: str, who: Who) -> None:
    assert rules.who.decide(victims, find(rules, text).signs) is who


@pytest.mark.parametrize(
    ("text", "is_bare", "is_reply"),
    [
        ("xâm hại trẻ em", True, False),
        ("cho em hỏi về bạo lực gia đình ạ", True, False),
        ("bao luc hoc duong la gi", True, False),
        ("em bị xâm hại", False, False),
        ("bố em bạo lực gia đình", False, False),
        ("nhà em có bạo lực gia đình", False, False),
        ("dạ vâng ạ, con cảm ơn cô!", False, True),
        ("em ổn", False, True),
        ("không sao đâu ạ", False, True),
        ("em không ổn", False, False),
        ("cảm ơn, bố lại đánh", False, False),
        ("", False, False),
        ("...", False, False),
    ],
)
def test_messages_that_tell_of_nobody(rules: Rules, text: str, is_bare: bool, is_reply: bool) -> None:
    findings = find(rules, text)
    assert (findings.is_bare_topic, findings.is_plain_reply) == (is_bare, is_reply)
