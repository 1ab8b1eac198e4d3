"""Imports from first to last: checked, loaded whole or not at all, repeated, replaced, undone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.engine import Row

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.keyring import Keyring
from helpline.tables import audit, kb_import, kb_service
from kb import services, store
from kb.content import Content
from kb.importing import batches
from kb.importing.batches import Batch, Outcome
from kb.importing.errors import BatchGone, FileRefused
from tests.helpline.test_db import fresh_postgres
from tests.kb.files import CLASS, PLACE, SWIM_HEADINGS, comma, grid, xlsx

ACTOR = "staff:1"
OTHER = {**PLACE, "name": "Trạm y tế"}
WRONG = {**PLACE, "name": "Nhà A", "commune": "Hải Phòng"}


class Desk:
    """An editor with files."""

    def __init__(self, db: Database, clock: MovableClock, content: Content) -> None:
        self.db, self.clock, self.content = db, clock, content

    def check(self, *rows: Any, kind: str = "services", data: bytes | None = None) -> Batch:
        table = grid(*rows) if kind == "services" else grid(*rows, headings=SWIM_HEADINGS)
        return batches.check(self.db, self.content, kind, "danh sách.xlsx", data or comma(table), ACTOR, self.clock.now())

    def load(self, batch: Batch, only_right: bool = False) -> Outcome:
        return batches.load(self.db, self.content, batch.id, ACTOR, self.clock.now(), only_right=only_right)

    def bring(self, *rows: Any, only_right: bool = False, kind: str = "services") -> Outcome:
        return self.load(self.check(*rows, kind=kind), only_right)

    def undo(self, batch: Batch) -> int:
        with self.db.write() as tx:
            return batches.undo(tx, batch.id, ACTOR, self.clock.now())

    def rows(self, state: str | None = "in_force") -> list[Row]:
        query = select(kb_service).order_by(kb_service.c.id)
        with self.db.read() as tx:
            return list(tx.execute(query.where(kb_service.c.state == state) if state else query).all())

    def told(self) -> list[tuple[str, str | None]]:
        return [(row.name, row.phone) for row in self.rows()]

    def revision(self) -> int:
        with self.db.read() as tx:
            return store.revision(tx)

    def batch(self, batch_id: int) -> Batch:
        with self.db.read() as tx:
            return batches.find(tx, batch_id)


@pytest.fixture
def desk(db: Database, clock: MovableClock, own: Content) -> Desk:
    return Desk(db, clock, own)


# all or nothing


def test_a_right_file_is_loaded_whole(desk: Desk) -> None:
    outcome = desk.bring(PLACE, OTHER)
    assert (outcome.loaded, outcome.new, outcome.updated) == (True, 2, 0)
    assert [name for name, _ in desk.told()] == ["Nhà văn hóa khu 3", "Trạm y tế"]
    (row, _) = desk.rows()
    assert (row.commune, row.last_checked, row.author, row.state) == ("Phường Hà Tu", date(2026, 11, 20), ACTOR, "in_force")


def test_checking_loads_nothing(desk: Desk) -> None:
    batch = desk.check(PLACE, OTHER)
    assert desk.rows(None) == [] and batch.state == "checked" and batch.report.count("new") == 2 and desk.revision() == 0


def test_one_refused_line_keeps_the_whole_file_out(desk: Desk) -> None:
    batch = desk.check(PLACE, WRONG, OTHER)
    assert [(one.line, one.column) for one in batch.report.refusals] == [(3, "Xã, phường, đặc khu")]
    outcome = desk.load(batch)
    assert not outcome.loaded and desk.rows(None) == [] and desk.revision() == 0
    assert desk.batch(batch.id).state == "checked"


def test_the_right_lines_alone_where_the_editor_says_so(desk: Desk) -> None:
    outcome = desk.bring(PLACE, WRONG, OTHER, only_right=True)
    assert (outcome.loaded, outcome.new, outcome.report.refused_lines) == (True, 2, 1)
    assert len(desk.rows()) == 2


def test_a_fault_in_the_middle_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = desk.check(PLACE, OTHER)
    monkeypatch.setattr(batches, "settle", lambda *_: (_ for _ in ()).throw(StoreUnavailable("gone")))
    with pytest.raises(StoreUnavailable):
        desk.load(batch)
    assert desk.rows(None) == [] and desk.revision() == 0 and desk.batch(batch.id).state == "checked"


RIGHT = {
    "name": ["Nhà văn hóa khu 3", "Trạm y tế", "Nhà bà mế", "Chùa Lôi Âm"],
    "phone": ["", "0912345678", "02033812345"],
    "last_checked": ["20/11/2026", "1/11/2026"],
    "commune": ["Hà Tu", "Phường Bãi Cháy"],
}
BAD = {
    "name": ["", "=1+1", "Trung tâm Công tác xã hội Hải Hà", "VÍ DỤ: nhà"],
    "phone": ["19001769", "12", "abc"],
    "last_checked": ["", "1/1/2020", "24/11/2026", "x"],
    "commune": ["Hà Khẩu", "Hải Phòng", "Uông Bí", "?"],
}


@st.composite
def lines(draw: st.DrawFn) -> tuple[dict[str, str], bool]:
    """A line of a file, and whether a cell of it is surely wrong."""
    row, wrong = {**PLACE, "address": "Tổ 1"}, False
    for key, values in RIGHT.items():
        if draw(st.integers(0, 9)) == 0:
            row[key], wrong = draw(st.sampled_from(BAD[key])), True
        else:
            row[key] = draw(st.sampled_from(values))
    return row, wrong


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.tuples(st.lists(lines(), min_size=1, max_size=7), st.booleans()), min_size=1, max_size=3))
def test_whatever_the_rows_are_a_file_is_never_half_loaded(desk: Desk, files: list[Any]) -> None:
    with desk.db.write() as tx:
        tx.execute(delete(kb_service))
        tx.execute(delete(kb_import))
    for rows, only_right in files:
        before = {row.id for row in desk.rows()}
        revision = desk.revision()
        batch = desk.check(*(row for row, _ in rows))
        report = batch.report
        numbers = {one.line for one in report.good} | {one.line for one in report.refusals}
        assert numbers == set(range(2, len(rows) + 2)) and len(report.good) + report.refused_lines == len(rows)
        assert {at for at, (_, wrong) in enumerate(rows, 2) if wrong} <= {one.line for one in report.refusals}
        outcome = desk.load(batch, only_right)
        after = desk.rows()
        added = [row for row in after if row.batch_id == batch.id]
        if report.refusals and not only_right:
            assert not outcome.loaded and {row.id for row in after} == before and desk.revision() == revision
        else:
            assert len(added) == len(report.changes) == outcome.new + outcome.updated
            assert len(after) == len(before) + outcome.new
        assert len({row.identity for row in after}) == len(after)
        again = desk.check(*(row for row, _ in rows))
        if not again.report.refusals and outcome.loaded:
            assert again.report.changes == () and desk.load(again).new == 0
            assert {row.id for row in desk.rows()} == {row.id for row in after}


# repeats and replacements


def test_a_repeat_of_the_same_file_changes_nothing(desk: Desk) -> None:
    desk.bring(PLACE, OTHER)
    before, revision = desk.rows(None), desk.revision()
    again = desk.check(PLACE, OTHER)
    assert (again.report.count("same"), again.report.changes) == (2, ())
    outcome = desk.load(again)
    assert (outcome.loaded, outcome.new, outcome.updated) == (True, 0, 0)
    assert desk.rows(None) == before and desk.revision() == revision


def test_a_second_load_of_one_import_changes_nothing(desk: Desk) -> None:
    batch = desk.check(PLACE)
    desk.load(batch)
    revision = desk.revision()
    assert desk.load(batch).loaded and len(desk.rows(None)) == 1 and desk.revision() == revision


def test_a_newer_telling_replaces_the_older(desk: Desk) -> None:
    desk.bring({**PLACE, "last_checked": "1/11/2026"})
    batch = desk.check({**PLACE, "phone": "0987654321"})
    (one,) = batch.report.good
    assert (one.does, one.note) == ("update", "điện thoại, ngày kiểm tra")
    assert desk.load(batch).updated == 1
    assert desk.told() == [("Nhà văn hóa khu 3", "0987654321")]
    assert [row.state for row in desk.rows(None)] == ["replaced", "in_force"]


def test_an_older_telling_is_refused(desk: Desk) -> None:
    desk.bring(PLACE)
    (fault,) = desk.check({**PLACE, "phone": "", "last_checked": "1/11/2026"}).report.refusals
    assert "mới hơn, ngày 20/11/2026" in fault.wrong


def test_two_lines_of_one_place(desk: Desk) -> None:
    (repeat,) = desk.check(PLACE, OTHER, PLACE).report.refusals
    assert (repeat.line, repeat.wrong) == (4, "Lặp lại dòng 2.")
    differ = desk.check(PLACE, OTHER, {**PLACE, "phone": ""}).report.refusals
    assert [one.line for one in differ] == [2, 4] and all("nội dung khác" in one.wrong for one in differ)


def test_what_stands_in_reviewed_content_is_not_imported_too(desk: Desk, own: Content) -> None:
    from dataclasses import replace

    from tests.kb.test_services import listed, row

    desk.content = replace(own, services=listed(row()))
    (fault,) = desk.check(PLACE).report.refusals
    assert "kho nội dung" in fault.wrong


def test_what_changed_since_the_check_is_judged_anew(desk: Desk) -> None:
    batch = desk.check({**PLACE, "phone": ""})
    desk.bring({**PLACE, "last_checked": "23/11/2026"})
    outcome = desk.load(batch)
    assert not outcome.loaded and desk.batch(batch.id).report.refusals == outcome.report.refusals
    assert len(desk.rows(None)) == 1


def test_what_changes_while_a_load_is_judged_is_judged_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, judge = desk.check({**PLACE, "phone": ""}), batches.judge

    def judged_slowly(*given: Any) -> Any:
        monkeypatch.setattr(batches, "judge", judge)
        report = judge(*given)
        desk.bring({**PLACE, "last_checked": "23/11/2026"})  # a colleague is quicker
        return report

    monkeypatch.setattr(batches, "judge", judged_slowly)
    assert not desk.load(batch).loaded and len(desk.rows(None)) == 1


def test_a_day_later_a_line_may_be_too_old(desk: Desk, clock: MovableClock) -> None:
    batch = desk.check({**PLACE, "last_checked": "25/8/2026"})
    assert batch.report.refusals == ()
    clock.move(timedelta(days=1))
    assert not desk.load(batch).loaded and desk.rows(None) == []


# undoing


def test_undo_takes_back_and_brings_back(desk: Desk) -> None:
    desk.bring({**PLACE, "last_checked": "1/11/2026"})
    batch = desk.check({**PLACE, "phone": "0987654321"}, OTHER)
    desk.load(batch)
    revision = desk.revision()
    assert desk.undo(batch) == 2
    assert desk.told() == [("Nhà văn hóa khu 3", "0912345678")] and desk.revision() == revision + 1
    assert desk.batch(batch.id).state == "undone"
    with pytest.raises(BatchGone):
        desk.undo(batch)
    with pytest.raises(BatchGone):
        desk.load(batch)


def test_undo_of_an_older_import_leaves_the_newer_one(desk: Desk) -> None:
    first = desk.check({**PLACE, "last_checked": "1/11/2026"})
    desk.load(first)
    middle = desk.check({**PLACE, "phone": "0987654321", "last_checked": "10/11/2026"})
    desk.load(middle)
    last = desk.check(PLACE)
    desk.load(last)
    assert desk.undo(middle) == 0 and len(desk.told()) == 1 and desk.rows()[0].batch_id == last.id
    assert desk.undo(last) == 1 and desk.rows()[0].batch_id == first.id  # over the one that was undone
    assert desk.undo(first) == 1 and desk.told() == []


def test_after_an_undo_the_file_may_come_again(desk: Desk) -> None:
    batch = desk.check(PLACE)
    desk.load(batch)
    desk.undo(batch)
    assert desk.bring(PLACE).new == 1 and len(desk.told()) == 1


def test_a_withdrawn_place_does_not_come_back_by_an_undo(desk: Desk) -> None:
    desk.bring({**PLACE, "last_checked": "1/11/2026"})
    batch = desk.check(PLACE)
    desk.load(batch)
    with desk.db.write() as tx:
        assert batches.withdraw(tx, desk.rows()[0].id, ACTOR, desk.clock.now())
        assert not batches.withdraw(tx, desk.rows(None)[0].id, ACTOR, desk.clock.now())
    assert desk.undo(batch) == 0 and desk.told() == []


# keeping


def test_a_file_that_cannot_be_read_leaves_no_trace(desk: Desk) -> None:
    with pytest.raises(FileRefused):
        desk.check(data=b"x")
    with desk.db.read() as tx:
        assert tx.execute(select(kb_import)).all() == []


def test_checked_files_are_forgotten_after_two_days(desk: Desk, clock: MovableClock) -> None:
    old = desk.check(PLACE)
    clock.move(timedelta(days=2, minutes=1))
    desk.check(PLACE)
    with pytest.raises(BatchGone):
        desk.batch(old.id)
    with pytest.raises(BatchGone):
        desk.load(old)


def test_a_checked_file_may_be_dropped_a_loaded_one_not(desk: Desk) -> None:
    one, other = desk.check(PLACE), desk.check(OTHER)
    desk.load(other)
    with desk.db.write() as tx:
        batches.discard(tx, one.id, ACTOR, desk.clock.now())
    with pytest.raises(BatchGone), desk.db.write() as tx:
        batches.discard(tx, other.id, ACTOR, desk.clock.now())


def test_every_step_leaves_its_trace_without_words_of_the_file(desk: Desk) -> None:
    batch = desk.check(PLACE, WRONG)
    desk.load(batch, only_right=True)
    desk.undo(batch)
    with desk.db.read() as tx:
        rows = tx.execute(select(audit).where(audit.c.object_type == "import").order_by(audit.c.id)).all()
    assert [row.action for row in rows] == ["import.check", "import.load", "import.undo"]
    assert {row.actor for row in rows} == {ACTOR} and not any("Hà Tu" in str(row.details) for row in rows)


def test_a_name_of_a_file_is_only_a_name(desk: Desk) -> None:
    name = "C:\\tệp\\../" + "a" * 300 + "\n.csv"
    batch = batches.check(desk.db, desk.content, "services", name, comma(grid(PLACE)), ACTOR, desk.clock.now())
    assert len(batch.filename) <= 200 and "\\" not in batch.filename and "\n" not in batch.filename


def test_five_thousand_lines(desk: Desk) -> None:
    table = grid(*({**PLACE, "name": f"Nhà số {n}"} for n in range(5000)))
    outcome = desk.load(desk.check(data=comma(table)))
    assert outcome.new == 5000 and len(desk.rows()) == 5000


def test_an_excel_file_goes_the_same_way(desk: Desk) -> None:
    assert desk.load(desk.check(data=xlsx(grid(PLACE, OTHER)))).new == 2


# for the editors


def test_rows_that_nobody_looked_at_for_90_days_are_marked(desk: Desk, clock: MovableClock) -> None:
    desk.bring(PLACE, {**OTHER, "last_checked": "23/11/2026"}, {**PLACE, "name": "Tạm", "valid_to": "30/11/2026"})
    with desk.db.read() as tx:
        assert services.stale(tx, clock.now()) == []
        assert [one.name for one in services.stale(tx, clock.now(), timedelta(days=88))] == ["Nhà văn hóa khu 3", "Tạm"]
    clock.move(timedelta(days=88))
    with desk.db.read() as tx:
        (one,) = services.stale(tx, clock.now())
        assert one.name == "Nhà văn hóa khu 3" and one.stale and not one.over
        assert [(kept.name, kept.stale, kept.over) for kept in services.kept(tx, clock.now())] == [
            ("Nhà văn hóa khu 3", True, False), ("Tạm", True, True), ("Trạm y tế", False, False),
        ]  # fmt: skip


def test_swim_classes_go_the_same_way(desk: Desk) -> None:
    assert desk.bring(CLASS, {**CLASS, "pool": "Bể bơi khác"}, kind="swim").new == 2
    with desk.db.read() as tx:
        rows, classes = services.listed(tx)
    assert rows == [] and [one.place for one in classes] == ["Bể bơi trường Hà Tu", "Bể bơi khác"]
    assert classes[0].starts == date(2026, 12, 1) and classes[0].ends == date(2026, 12, 20) and classes[0].free is True


def test_all_of_it_works_on_postgresql_too(clock: MovableClock, own: Content, keyring: Keyring) -> None:
    db = Database(fresh_postgres(), keyring)
    db.migrate()
    desk = Desk(db, clock, own)
    try:
        first = desk.check({**PLACE, "last_checked": "1/11/2026"}, OTHER)
        assert desk.load(first).new == 2
        second = desk.check(PLACE, WRONG)
        assert not desk.load(second).loaded and desk.load(second, only_right=True).updated == 1
        assert desk.undo(second) == 1 and desk.undo(first) == 2 and desk.told() == []
        many = [desk.check(PLACE) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(desk.load, many))
        assert sum(one.new for one in outcomes) == 1 and len(desk.told()) == 1
    finally:
        db.close()
