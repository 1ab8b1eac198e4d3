"""The command as it is called: one clear line on standard error, a code other than 0 for every fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*words: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("TIANANG_")} | settings
    return subprocess.run(
        [sys.executable, "-m", "tianang", *words], cwd=ROOT, env=environ, input=stdin, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (["nonsense"], {}),
        (["ask"], {}),
        (["ask", "  "], {}),
        (["ask", "a", "--jsonl"], {}),
        (["screen"], {}),
        (["up", "--fast"], {}),
        (["kb", "load"], {"TIANANG_DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1:1/none"}),
        (["doctor"], {"TIANANG_GATEWAY_PORT": "many"}),
        (["doctor"], {"TIANANG_GATEWAY_PROT": "8000"}),
        (["up"], {"TIANANG_SECRET_KEY": "short"}),
        (["desk", "add-user", "x", "Lan", "--role", "king"], {}),
    ],
)
def test_a_fault_is_one_line(words: list[str], settings: dict[str, str], tmp_path: Path) -> None:
    done = run(*words, TIANANG_VAR=str(tmp_path), **settings)
    assert done.returncode != 0 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [[], ["ask"], ["screen"], ["up"], ["train"], ["evaluate"], ["doctor"], ["kb"], ["kb", "load"], ["desk", "add-user"]])
def test_every_command_explains_itself(words: list[str]) -> None:
    done = run(*words, "--help")
    assert done.returncode == 0 and "Usage" in done.stdout


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = run("up", TIANANG_VAR=str(tmp_path), TIANANG_DESK_PORT=str(port))
    assert done.returncode == 2 and f"port {port} is in use" in done.stderr and "TIANANG_DESK_PORT" in done.stderr


def test_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    done = run("doctor", TIANANG_VAR=str(tmp_path), TIANANG_MODEL_DIR=str(tmp_path / "models"))
    assert done.returncode == 1
    assert "WRONG  Rasa model" in done.stdout and "tianang train" in done.stdout
    assert "WRONG  gateway answers" in done.stdout


def test_an_account_is_made_with_a_one_time_password(tmp_path: Path) -> None:
    done = run("desk", "add-user", "lan", "Cô Lan", TIANANG_VAR=str(tmp_path))
    assert done.returncode == 0 and len(done.stdout.strip()) >= 12
    again = run("desk", "add-user", "lan", "Cô Lan", TIANANG_VAR=str(tmp_path))
    assert again.returncode != 0 and again.stdout == ""


def test_the_knowledge_base_loads_once(tmp_path: Path) -> None:
    first = run("kb", "load", TIANANG_VAR=str(tmp_path))
    again = run("kb", "load", TIANANG_VAR=str(tmp_path))
    assert first.returncode == again.returncode == 0
    assert not first.stderr.startswith("0 entries") and again.stderr.startswith("0 entries")
