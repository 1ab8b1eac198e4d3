"""The contract's rulings with the trained model, and what the model may cost in time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from safety.rules import Rules
from safety.screen import Screen
from safety.train import train
from tests.safety.rulings import RULINGS, Ruling

pytestmark = pytest.mark.model
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Screen:
    """The project's own model; where there is none for these rules, one trained now."""
    path = ROOT / "models" / "screen.joblib"
    if path.exists():
        screen = Screen.load(path)
        if not screen.is_stale:
            return screen
    path = tmp_path_factory.mktemp("model") / "screen.joblib"
    train(ROOT / "safety" / "training", path, lambda line: None)
    return Screen.load(path)


@pytest.mark.parametrize("ruling", RULINGS, ids=lambda ruling: ruling.text)
def test_rulings_of_the_contract_hold(screen: Screen, ruling: Ruling) -> None:
    ruling.hold(screen.assess(ruling.text))


def test_the_model_belongs_to_these_rules(screen: Screen) -> None:
    assert screen.model is not None
    assert screen.model.lexicon_version == Rules.load().version
    assert not screen.assess("lớp bơi ở đâu").partial


def test_three_hundred_messages_a_second_with_the_model(screen: Screen) -> None:
    texts = [ruling.text for ruling in RULINGS] * 5
    screen.assess(texts[0])
    began = time.thread_time()
    for text in texts:
        screen.assess(text)
    assert len(texts) / (time.thread_time() - began) > 300
