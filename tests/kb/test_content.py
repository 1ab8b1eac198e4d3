from __future__ import annotations

from pathlib import Path

import pytest

from kb import content
from kb.errors import ContentError

ENTRY = """
- id: shelter.what
  topic: shelter
  title: Tạm lánh là gì
  audience: [adult]
  questions: [tạm lánh là gì]
  short: Ở một chỗ an toàn.
  as_of: 2024-01-31
  review_by: 2027-01-31
  validity: in_force
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / (name.replace("__", "/") + ".yml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_missing_files_are_empty_lists(tmp_path: Path) -> None:
    found = content.read(folder(tmp_path, entries__shelter=ENTRY))
    assert [entry.id for entry in found.entries] == ["shelter.what"]
    assert found.models == () and found.benefits is None


def test_a_fault_names_file_entry_and_field(tmp_path: Path) -> None:
    wrong = ENTRY.replace("short: Ở", "shrot: Ở")
    with pytest.raises(ContentError) as error:
        content.read(folder(tmp_path, entries__shelter=wrong))
    assert "entries/shelter.yml: shelter.what: short: field required" in error.value.lines
    assert any("shrot" in line for line in error.value.lines)


def test_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    sources = "- id: nd-1\n  cite: 1/2020/NĐ-CP\n"
    with pytest.raises(ContentError) as error:
        content.read(folder(tmp_path, entries__shelter=ENTRY.replace("in_force", "sure"), sources=sources))
    assert {line.split(":")[0] for line in error.value.lines} == {"entries/shelter.yml", "sources.yml"}


def test_an_entry_in_the_file_of_another_topic_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="does not belong into this file"):
        content.read(folder(tmp_path, entries__hotline=ENTRY))


def test_an_id_twice_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="stands in entries/shelter.yml too"):
        content.read(folder(tmp_path, entries__shelter=ENTRY + ENTRY))


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"entries/shelter.yml: line \d+: not YAML"):
        content.read(folder(tmp_path, entries__shelter=ENTRY + "- id: [\n"))


def test_a_fact_row_without_a_source_is_a_fault(tmp_path: Path) -> None:
    row = "- {id: a, topic: penalties, act: x, who: y, min_vnd: 1, max_vnd: 2, amount: z, extra_measures: null, citations: [], validity: in_force, replaced_by: null, as_of: 2026-11-23, note: null}\n"
    with pytest.raises(ContentError, match="a fact without its source"):
        content.read(folder(tmp_path, penalties=row))
