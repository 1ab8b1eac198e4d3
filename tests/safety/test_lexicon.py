"""Phrases, patterns and the reading of the lexicon's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from safety import lexicon
from safety.phrases import Phrase, PhraseBook, Tokens
from safety.recognisers import Hit, Recogniser
from vietnamese import normalise

WORDS = """
lists:
  me: con, em
  father: bố
  mother: mẹ
  stepparent: bố dượng
  both_parents: bố mẹ
  kin: mẹ chồng
  known_adult: hàng xóm
  teacher: thầy!
  partner: chồng
  boss: chủ
  stranger: hắn!!
  online_person: nick lạ
  pupil: bạn
  other_child: bạn em
  children: trẻ em
  other_adult: chị em
  hit: đánh, tát
  neutral: đánh giá
"""
RULES = """
category: physical_abuse
floor: {negated: none}
rules:
  - {name: hits, level: urgent, weight: 0.9, victim: self, patterns: ["(<father>|<mother>) .. <hit> .. <me>"]}
  - {name: optional, level: concern, weight: 0.5, victim: any, patterns: ["bị nặng? .. tát"]}
  - {name: phrase, level: check, weight: 0.4, victim: any, patterns: ["về_nhà muộn"]}
  - {name: anywhere, level: urgent, weight: 0.8, victim: any, patterns: ["rượu & <father> & sợ!"]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "words.yml").write_text(WORDS, encoding="utf-8")
    (tmp_path / "abuse.yml").write_text(RULES, encoding="utf-8")
    return tmp_path


def hits(folder: Path, text: str) -> list[Hit]:
    recogniser = Recogniser(lexicon.load(folder))
    return recogniser.hits(recogniser.read(Tokens.of(normalise(text))))


def names(folder: Path, text: str) -> set[str]:
    return {hit.rule.name for hit in hits(folder, text)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bố đánh con", {"hits"}),
        ("BO DANH CON", {"hits"}),
        ("bố say rồi đánh con", {"hits"}),
        ("bố say rồi mới đánh con", set()),  # three tokens lie between
        ("bố. đánh con", set()),  # a sentence ends between
        ("bố dành con", set()),  # another word with other marks
        ("bố đanh con", {"hits"}),  # a mark left out
        ("bố đánh giá con", set()),  # a longer phrase explains the deed away
        ("mẹ chồng đánh em", set()),  # a longer person
        ("bố đánh bạn em", set()),
        ("bị tát", {"optional"}),
        ("bị nặng tát", {"optional"}),
        ("bị rất nặng tát", {"optional"}),
        ("về nhà muộn", {"phrase"}),
        ("về nhà rất muộn", set()),
        ("con sợ. bố ơi. rượu", {"anywhere"}),
        ("con số. bố ơi. rượu", set()),
        ("", set()),
    ],
)
def test_patterns(folder: Path, text: str, found: set[str]) -> None:
    assert names(folder, text) == found


def test_a_hit_knows_its_deed_and_its_span(folder: Path) -> None:
    (hit,) = hits(folder, "hôm qua bố lại đánh con")
    assert hit.span == (2, 6)
    assert hit.deed == (4, 5)
    assert hit.parts == ((2, 3), (4, 5), (5, 6))


@pytest.mark.parametrize(
    ("written", "text", "fits"),
    [
        ("sờ", "chú sờ em", True),
        ("sờ", "chu so em", True),
        ("tát", "chú tat em", True),
        ("sờ", "chú sơ em", False),  # a frequent word of its own
        ("sờ", "chú sợ em", False),
        ("sờ!", "chú so em", False),
        ("sờ!", "chu so em", True),
        ("sờ!!", "chu so em", False),
        ("sờ!!", "chú sờ em", True),
        ("giữ bí mật", "giu bi mat", True),
        ("giữ bí mật", "giữ bị mất", False),
        ("sờ", "chu so e k", True),  # the accents of "không" are not the sender's
    ],
)
def test_strictness_of_accents(written: str, text: str, fits: bool) -> None:
    assert bool(PhraseBook([written]).find(Tokens.of(normalise(text)))) == fits


def test_words_of_the_sender_do_not_stay_in_the_vocabulary() -> None:
    book = PhraseBook(["đánh"])
    book.find(Tokens.of(normalise("bố đánh nguyễn")))  # the placeholder for unknown words comes in once
    size = len(book._vocab.strings)
    for name in ("zebulonq", "0912345678", "phạmthịx"):
        book.find(Tokens.of(normalise(f"bố đánh {name}")))
    assert len(book._vocab.strings) == size


def test_an_empty_phrase_is_refused() -> None:
    with pytest.raises(ValueError):
        Phrase.parse("!!")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("level: urgent, weight: 0.9", "level: huge, weight: 0.9", "hits"),
        ("weight: 0.9", "weight: 1.5", "hits"),
        ("victim: self,", "victim: nobody,", "hits"),
        ("name: phrase", "name: hits", "twice"),
        ("<mother>)", "<mater>)", "mater"),
        ("<hit> .. <me>", "<hit> .. <me> ..", "begins or ends"),
        ("về_nhà muộn", "về_nhà [muộn", "cannot read|nothing"),
        ("rượu & <father>", "rượu & .. <father>", "mixes"),
        ("{negated: none}", "{negated: huge}", "floor"),
        ("victim: any, patterns", "victim: any, color: red, patterns", "color"),
    ],
)
def test_faults_in_a_file_are_named(folder: Path, old: str, new: str, message: str) -> None:
    path = folder / "abuse.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if new == "về_nhà [muộn":
        assert lexicon.load(folder).patterns  # "[" is a word like any other and simply never stands in a message
        return
    with pytest.raises(ValueError, match=message):
        lexicon.load(folder)


def test_lists_may_take_in_others_but_not_themselves(folder: Path) -> None:
    path = folder / "words.yml"
    path.write_text(path.read_text(encoding="utf-8") + "  all: +me, +hit, bà\n", encoding="utf-8")
    assert lexicon.load(folder).lists["all"] == ("con", "em", "đánh", "tát", "bà")
    path.write_text(WORDS + "  loop: +loop\n", encoding="utf-8")
    with pytest.raises(ValueError, match="takes itself"):
        lexicon.load(folder)


def test_the_version_changes_with_any_file(folder: Path) -> None:
    before = lexicon.load(folder).version
    assert lexicon.load(folder).version == before
    (folder / "abuse.yml").write_text(RULES + "# \n", encoding="utf-8")
    assert lexicon.load(folder).version != before
