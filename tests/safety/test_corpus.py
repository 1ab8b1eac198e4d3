"""The lexicon against its corpus: each rule is named by lines that meet it, and near misses meet nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from safety import lexicon
from safety.phrases import Tokens
from safety.rules import Findings, Rules
from vietnamese import normalise

CORPUS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((lexicon.FOLDER.parent / "corpus").glob("*.yml"))
}
POSITIVE = [(rule, line) for data in CORPUS.values() for rule, lines in data["rules"].items() for line in lines]
NEGATIVE = [(category, line) for category, data in CORPUS.items() for line in data["negative"]]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.load()


def find(rules: Rules, text: str) -> Findings:
    return rules.find(Tokens.of(normalise(text)))


@pytest.mark.parametrize(("rule", "line"), POSITIVE)
def test_a_line_meets_its_rule(rules: Rules, rule: str, line: str) -> None:
    assert rule in {one.hit.rule.name for one in find(rules, line).judged}


def test_every_rule_is_named_by_a_line(rules: Rules) -> None:
    assert set(rules.lexicon.rules) == {rule for rule, _ in POSITIVE}


def test_every_category_has_its_file() -> None:
    files = {path.stem for path in lexicon.FOLDER.glob("*.yml")} - {"words"}
    assert set(CORPUS) == files


@pytest.mark.parametrize(("category", "line"), NEGATIVE)
def test_a_near_miss_meets_no_rule_that_leaves_a_level(rules: Rules, category: str, line: str) -> None:
    judged = find(rules, line).judged
    assert [one.hit.rule.name for one in judged if one.level not in ("none", "sign")] == []


def test_the_corpus_lies_in_the_package() -> None:
    assert (Path(lexicon.FOLDER).parent / "corpus" / "danger.yml").is_file()
