from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helpline.clock import MovableClock
from helpline.db import Database
from kb import content, store
from kb.content import FOLDER
from kb.errors import ContentError
from kb.export import _parsed, _written, write_back
from kb.schema import Entry
from kb.store import State, load_content
from tests.kb.small import content as small_content
from tests.kb.small import entry

ONE, TWO = entry("shelter.what"), entry("shelter.where")
LONG = "Bạn gọi {child_line} (miễn phí, 24/7): \"ai cũng gọi được\"; 'kể cả' ban đêm # và ngày lễ, mỗi lần một chuyện."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shelter.yml").write_text("# Người giữ: Mai\n" + _written(ONE) + "\n# chỗ\n" + _written(TWO), encoding="utf-8")
    return tmp_path


def read(folder: Path, topic: str = "shelter") -> dict[str, Entry]:
    return {one.id: one for one in _parsed((folder / f"{topic}.yml").read_text(encoding="utf-8"))}


def test_an_entry_is_replaced_where_it_stands_and_the_rest_is_left(folder: Path) -> None:
    changed = entry(ONE.id, short=LONG)
    assert write_back([changed], folder=folder) == [folder / "shelter.yml"]
    assert read(folder) == {ONE.id: changed, TWO.id: TWO}
    text = (folder / "shelter.yml").read_text(encoding="utf-8")
    assert text.startswith("# Người giữ: Mai\n- id: shelter.what\n") and "\n\n# chỗ\n- id: shelter.where" in text
    assert write_back([changed], folder=folder) == []


def test_new_entries_come_last_and_make_a_file_where_there_is_none(folder: Path) -> None:
    own, first = entry("shelter.who"), entry("hotline.first")
    assert write_back([own, first], folder=folder) == [folder / "hotline.yml", folder / "shelter.yml"]
    assert list(read(folder)) == [ONE.id, TWO.id, own.id] and read(folder, "hotline") == {first.id: first}


def test_what_editors_retired_is_taken_out(folder: Path) -> None:
    write_back([], [ONE.id], folder)
    assert set(read(folder)) == {TWO.id}
    assert write_back([], [ONE.id], folder) == []


def test_nothing_is_written_where_one_file_would_not_read_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "shelter.yml").read_bytes()
    monkeypatch.setattr("kb.export._written", lambda one: _written(entry(one.id, short="Khác.")))
    with pytest.raises(ContentError, match="nothing was written"):
        write_back([entry(ONE.id, short=LONG), entry("hotline.first")], folder=folder)
    assert (folder / "shelter.yml").read_bytes() == before and not (folder / "hotline.yml").exists()


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters="\n"), max_size=200).filter(str.strip))
def test_whatever_an_editor_types_reads_back(text: str) -> None:
    one = entry("shelter.what", short=text, more=text)
    assert _parsed(_written(one)) == [one]


def test_our_own_entries_read_back(own: content.Content) -> None:
    for one in own.entries[::10]:
        assert _parsed(_written(one)) == [one]
    assert yaml.safe_load(_written(own.entries[0]))[0]["as_of"] == own.entries[0].as_of


def test_from_the_desk_to_the_files_and_back(db: Database, clock: MovableClock, folder: Path) -> None:
    load_content(db, clock, small_content(ONE, TWO))
    with db.write() as tx:
        version = store.save(tx, entry(ONE.id, short=LONG), "staff:1", clock.now())
        store.move(tx, ONE.id, version, State.PUBLISHED, "staff:2", clock.now())
        store.move(tx, TWO.id, 1, State.RETIRED, "staff:2", clock.now())
    with db.read() as tx:
        write_back([one.entry for one in store.by_editors(tx)], store.retired_by_editors(tx), folder)
    assert read(folder) == {ONE.id: entry(ONE.id, short=LONG)}
    again = load_content(db, clock, small_content(*read(folder).values()))
    assert again.changes == 0 and again.standing == ()


def test_the_files_of_content_are_named_by_topic() -> None:
    for path in (FOLDER / "entries").glob("*.yml"):
        assert {one.topic for one in _parsed(path.read_text(encoding="utf-8"))} == {path.stem}
