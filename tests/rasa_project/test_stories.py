"""`rasa test core` on the stories beside this file, with the trained model."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from helpline import settings
from tianang.stock import ROOT, Stock, environment, rasa

STORIES = Path(__file__).with_name("test_stories.yml")


@pytest.mark.model
def test_every_story_goes_as_it_is_told(tmp_path: Path) -> None:
    own = settings.read()
    stock = Stock.of(own)
    assert stock.rasa_fits(), "train first: `tianang train`"
    done = subprocess.run(
        [*rasa("test", "core"), "--stories", str(STORIES), "--model", str(stock.rasa), "--out", str(tmp_path), "--no-plot"],
        cwd=ROOT,
        env=environment(own),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads((tmp_path / "story_report.json").read_text())
    assert report["conversation_accuracy"]["total"] == 6
    assert report["conversation_accuracy"]["correct"] == 6, (tmp_path / "failed_test_stories.yml").read_text()
