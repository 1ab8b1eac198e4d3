from __future__ import annotations

import pytest
from sqlalchemy import func, select

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.tables import kb_entry, kb_miss
from kb import store
from kb.store import Origin, State, load_content, published
from tests.kb.small import content, entry

ONE, TWO = entry("shelter.what"), entry("shelter.where")


def in_force(db: Database) -> dict[str, str]:
    with db.read() as tx:
        return {one.id: one.short for one in published(tx)}


def test_the_first_load_publishes_all(db: Database, clock: MovableClock) -> None:
    report = load_content(db, clock, content(ONE, TWO))
    assert report.added == ("shelter.what", "shelter.where")
    assert report.revision == 1
    assert in_force(db) == {ONE.id: ONE.short, TWO.id: TWO.short}


def test_a_repeat_changes_nothing(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE, TWO))
    again = load_content(db, clock, content(ONE, TWO))
    assert (again.changes, again.unchanged, again.total, again.revision) == (0, 2, 2, 1)
    with db.read() as tx:
        assert tx.execute(select(func.count()).select_from(kb_entry)).scalar() == 2


def test_only_a_changed_entry_gets_a_new_version(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE, TWO))
    report = load_content(db, clock, content(entry(ONE.id, short="Câu mới."), TWO))
    assert report.changed == (ONE.id,) and report.added == ()
    assert in_force(db)[ONE.id] == "Câu mới."
    with db.read() as tx:
        assert [(v.version, v.state) for v in store.versions(tx, ONE.id)] == [(2, State.PUBLISHED), (1, State.RETIRED)]
        assert len(store.versions(tx, TWO.id)) == 1


def test_an_entry_gone_from_content_is_retired_and_may_come_back(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE, TWO))
    assert load_content(db, clock, content(ONE)).retired == (TWO.id,)
    assert set(in_force(db)) == {ONE.id}
    assert load_content(db, clock, content(ONE)).changes == 0
    load_content(db, clock, content(ONE, TWO))
    assert set(in_force(db)) == {ONE.id, TWO.id}


def test_an_editors_version_stands(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    with db.write() as tx:
        store.save(tx, entry(ONE.id, short="Lời của biên tập."), "staff:1", clock.now(), State.PUBLISHED)
    report = load_content(db, clock, content(entry(ONE.id, short="Lời mới của tệp.")))
    assert report.standing == (ONE.id,) and report.changes == 0
    assert in_force(db)[ONE.id] == "Lời của biên tập."


def test_an_editors_version_written_back_to_content_is_no_change(db: Database, clock: MovableClock) -> None:
    edited = entry(ONE.id, short="Lời của biên tập.")
    load_content(db, clock, content(ONE))
    with db.write() as tx:
        store.save(tx, edited, "staff:1", clock.now(), State.PUBLISHED)
        assert [version.entry.id for version in store.by_editors(tx)] == [ONE.id]
    report = load_content(db, clock, content(edited))
    assert (report.standing, report.changes) == ((), 0)


def test_a_draft_is_not_in_force_until_published(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    with db.write() as tx:
        number = store.save(tx, entry(ONE.id, short="Nháp."), "staff:1", clock.now())
    assert in_force(db)[ONE.id] == ONE.short
    with db.write() as tx:
        store.move(tx, ONE.id, number, State.PUBLISHED, "staff:2", clock.now())
    assert in_force(db)[ONE.id] == "Nháp."


def test_what_an_editor_retired_stays_retired(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE, TWO))
    with db.write() as tx:
        store.move(tx, ONE.id, 1, State.RETIRED, "staff:1", clock.now())
    assert load_content(db, clock, content(ONE, TWO)).standing == (ONE.id,)
    assert set(in_force(db)) == {TWO.id}


def test_an_older_version_is_published_as_a_new_one_of_the_desk(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    load_content(db, clock, content(entry(ONE.id, short="Câu mới.")))
    with db.write() as tx:
        assert store.move(tx, ONE.id, 1, State.PUBLISHED, "staff:1", clock.now()) == 3
        newest = store.versions(tx, ONE.id)[0]
    assert (newest.origin, newest.state, newest.entry.short) == (Origin.DESK, State.PUBLISHED, ONE.short)


def test_a_version_that_is_not_there(db: Database, clock: MovableClock) -> None:
    with db.write() as tx, pytest.raises(LookupError):
        store.move(tx, "shelter.none", 1, State.PUBLISHED, "staff:1", clock.now())


def test_each_change_counts_the_revision_up(db: Database, clock: MovableClock) -> None:
    seen = []
    for text in ("a.", "b.", "b.", "c."):
        load_content(db, clock, content(entry(ONE.id, short=text)))
        with db.read() as tx:
            seen.append(store.revision(tx))
    assert seen == [1, 2, 2, 3]


def test_a_miss_is_kept_without_who(db: Database, clock: MovableClock) -> None:
    with db.write() as tx:
        store.keep_miss(tx, clock.now(), "mấy giờ mở cửa", "shelter", 0.1, [ONE.id])
    with db.read() as tx:
        row = tx.execute(select(kb_miss)).one()
    assert (row.text, row.topic, row.answered_with) == ("mấy giờ mở cửa", "shelter", [ONE.id])
    assert set(row.keys()) == {"id", "at", "text", "topic", "score", "answered_with"}


def test_the_order_of_keys_does_not_change_a_digest() -> None:
    fields = ONE.dict()
    assert store.digest_of(type(ONE)(**dict(reversed(fields.items())))) == store.digest_of(ONE)
