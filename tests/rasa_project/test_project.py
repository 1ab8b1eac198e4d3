"""The Rasa project as data: every topic of the contract has its intent, enough examples and a rule."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from rasa_project.topics import DIALOGUE, INFORMATION

ROOT = Path(__file__).parents[2]
ASKED_MOST = {
    "hotline", "trusted_address", "shelter", "swim_class", "social_assistance", "report_abuse", "domestic_violence", "disclosure",
}  # fmt: skip


def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "rasa_project/data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            found.setdefault(block["intent"], []).extend(line[2:] for line in block["examples"].splitlines())
    return found


@pytest.mark.parametrize("intent", sorted((INFORMATION | DIALOGUE) - {"nlu_fallback"}))
def test_an_intent_has_enough_examples(intent: str) -> None:
    assert len(examples().get(intent, [])) >= (60 if intent in ASKED_MOST else 25)


def test_no_example_stands_under_two_intents() -> None:
    where = Counter(text.strip().lower() for texts in examples().values() for text in set(texts))
    assert [text for text, times in where.items() if times > 1] == []


def test_domain_and_rules_know_the_same_intents() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(item)) if isinstance(item, dict) else item for item in domain["intents"]}
    rules = yaml.safe_load((ROOT / "rasa_project/data/rules/rules.yml").read_text(encoding="utf-8"))["rules"]
    ruled = {rule["steps"][0]["intent"] for rule in rules}
    assert intents == (INFORMATION | DIALOGUE) - {"nlu_fallback"}
    assert ruled == intents | {"nlu_fallback"}
    assert {rule["steps"][1]["action"] for rule in rules} <= set(domain["actions"])
