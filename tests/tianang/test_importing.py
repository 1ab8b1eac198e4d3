"""The commands that bring files into the knowledge base: reports on standard output, one line of fault, exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.kb.files import PLACE, comma, grid, word
from tianang.cli import app

WRONG = {**PLACE, "name": "Nhà A", "commune": "Hải Phòng"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TIANANG_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("TIANANG_DATABASE_URL", raising=False)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, ["kb", *map(str, words)])


def today(row: Any, clock_day: str) -> Any:
    return {**row, "last_checked": clock_day}


@pytest.fixture
def day() -> str:
    from helpline.clock import SystemClock, local

    return local(SystemClock().now()).strftime("%d/%m/%Y")


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_list_is_loaded_and_a_repeat_changes_nothing(run: Any, tmp_path: Path, day: str) -> None:
    path = file(tmp_path, "a.csv", comma(grid(today(PLACE, day))))
    first, again = run("import-services", path), run("import-services", path)
    assert first.exit_code == again.exit_code == 0
    assert "mới      dòng 2: Nhà văn hóa khu 3, phường Hà Tu" in first.stdout and "1 new, 0 updated" in first.stderr
    assert "không đổi" in again.stdout and "0 new, 0 updated, 1 unchanged" in again.stderr


def test_a_refused_line_ends_with_1_and_nothing_is_loaded(run: Any, tmp_path: Path, day: str) -> None:
    path = file(tmp_path, "a.csv", comma(grid(today(PLACE, day), today(WRONG, day))))
    done = run("import-services", path)
    assert done.exit_code == 1 and "nothing was loaded" in done.stderr
    assert "từ chối  dòng 3, cột Xã, phường, đặc khu: “Hải Phòng” không thuộc Quảng Ninh." in done.stdout
    assert run("import-services", path, "--check", "--only-right").exit_code == 1
    right = run("import-services", path, "--only-right")
    assert right.exit_code == 0 and "1 new" in right.stderr


def test_a_document_becomes_drafts(run: Any, tmp_path: Path) -> None:
    path = file(tmp_path, "nd.docx", word("Điều 1. Phạm vi điều chỉnh", "Nghị định này quy định về trẻ em."))
    done = run("import-document", path, "--source", "nd-56-2017", "--topic", "child_rights")
    assert done.exit_code == 0 and "1 drafts, 0 there already; none is published" in done.stderr
    assert run("import-document", path, "--source", "nd-0-1900").exit_code != 0


@pytest.mark.parametrize(("kind", "end"), [("services", "xlsx"), ("swim", "csv")])
def test_a_template_is_written_once_and_its_example_refused(run: Any, tmp_path: Path, kind: str, end: str) -> None:
    path = tmp_path / f"mau.{end}"
    assert run("template", kind, "--out", path).stdout.strip() == str(path)
    before = path.read_bytes()
    assert run("template", kind, "--out", path).exit_code != 0 and path.read_bytes() == before
    done = run(f"import-{kind}", path)
    assert done.exit_code == 1 and "Đây là dòng ví dụ" in done.stdout


@pytest.mark.parametrize("words", [("import-services", "/no/such/file"), ("template", "cases"), ("import-document", "/etc/hostname")])
def test_faults_end_with_something_else_than_0(run: Any, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code != 0
