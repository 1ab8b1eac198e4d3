"""How the desk starts: light, and with one clear line when it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desk.__main__ import main


def test_it_starts_without_the_heavy_and_the_foreign() -> None:
    program = "import desk.__main__, sys; print(' '.join(sorted({name.split('.')[0] for name in sys.modules})))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    loaded = set(run.stdout.split())
    assert {"desk", "helpline"} <= loaded
    assert not loaded & {"rasa", "rasa_sdk", "tensorflow", "spacy", "underthesea", "connectors", "actions", "telegram", "tianang"}


@pytest.mark.parametrize(
    ("variable", "value"), [("TIANANG_DESK_PORT", "0"), ("TIANANG_SECRET_KEY", "x"), ("TIANANG_DATABASE_URL", "sqlite:////dev/null/x.db")]
)
def test_a_wrong_setting_ends_the_start_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    monkeypatch.setenv("TIANANG_VAR", str(tmp_path))
    monkeypatch.setenv(variable, value)
    assert main() == 1
    error = capsys.readouterr().err
    assert error.startswith("desk: ") and error.count("\n") == 1
