from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpline.clock import MovableClock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.tables import kb_entry
from kb import store
from kb.errors import Overtaken
from kb.store import Origin, Standing, State, load_content, published
from tests.helpline.test_db import fresh_postgres
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


def test_the_order_of_keys_does_not_change_a_digest() -> None:
    fields = ONE.dict()
    assert store.digest_of(type(ONE)(**dict(reversed(fields.items())))) == store.digest_of(ONE)


# editors


def write(db: Database, clock: MovableClock, short: str, state: State = State.DRAFT, base: int | None = None, by: str = "staff:1") -> int:
    with db.write() as tx:
        return store.save(tx, entry(ONE.id, short=short), by, clock.now(), state, base=base)


def stands(db: Database, entry_id: str = ONE.id) -> Standing:
    with db.read() as tx:
        found = store.standing(tx, entry_id)
        assert found is not None and found in store.standings(tx)
    return found


def test_how_an_entry_stands_from_draft_to_force(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE, TWO))
    assert (stands(db).published, stands(db).pending, stands(db).state) == (stands(db).newest, None, State.PUBLISHED)
    number = write(db, clock, "Nháp.", base=1)
    assert (number, stands(db).state, stands(db).current.entry.short) == (2, State.DRAFT, "Nháp.")
    assert stands(db).published is not None and stands(db, TWO.id).pending is None
    clock.move(timedelta(hours=1))
    with db.write() as tx:
        store.move(tx, ONE.id, 2, State.REVIEWED, "staff:1", clock.now(), expected=State.DRAFT)
    assert (stands(db).state, stands(db).newest.reviewer) == (State.REVIEWED, None), "to hand in decides nothing"
    with db.write() as tx:
        store.move(tx, ONE.id, 2, State.PUBLISHED, "staff:2", clock.now(), expected=State.REVIEWED)
    newest = stands(db).newest
    assert (newest.state, newest.author, newest.reviewer, newest.decided_at) == (State.PUBLISHED, "staff:1", "staff:2", clock.now())
    assert stands(db).touched_at == clock.now() and stands(db).pending is None


def test_the_second_to_save_is_told_and_nothing_is_written(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    write(db, clock, "Của Mai.", base=1)
    with pytest.raises(Overtaken) as told:
        write(db, clock, "Của Tuấn.", base=1, by="staff:2")
    assert told.value.newest == 2 and stands(db).newest.entry.short == "Của Mai."
    assert write(db, clock, "Của Tuấn.", base=2, by="staff:2") == 3
    with pytest.raises(Overtaken):
        write(db, clock, "Mới tinh.", base=0)


def test_only_the_newest_in_the_expected_state_moves(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    write(db, clock, "Nháp một.", State.REVIEWED)
    write(db, clock, "Nháp hai.", State.REVIEWED)
    for version, expected in ((2, State.REVIEWED), (3, State.DRAFT)):
        with db.write() as tx, pytest.raises(Overtaken):
            store.move(tx, ONE.id, version, State.PUBLISHED, "staff:2", clock.now(), expected=expected)
    assert in_force(db)[ONE.id] == ONE.short


def test_what_is_sent_back_carries_its_note(db: Database, clock: MovableClock) -> None:
    number = write(db, clock, "Mới.", State.REVIEWED)
    with db.write() as tx:
        store.move(tx, ONE.id, number, State.DRAFT, "staff:2", clock.now(), note="Thiếu nguồn", expected=State.REVIEWED)
    assert (stands(db).newest.note, stands(db).newest.reviewer, stands(db).state) == ("Thiếu nguồn", "staff:2", State.DRAFT)


def test_dropped_drafts_leave_what_is_in_force_and_let_content_go_on(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    write(db, clock, "Nháp một.")
    write(db, clock, "Nháp hai.")
    with db.write() as tx, pytest.raises(Overtaken):
        store.drop(tx, ONE.id, 2, "staff:1", clock.now())
    with db.write() as tx:
        store.drop(tx, ONE.id, 3, "staff:1", clock.now())
    assert (stands(db).pending, stands(db).state, stands(db).current.entry.short) == (None, State.PUBLISHED, ONE.short)
    with db.write() as tx, pytest.raises(Overtaken):
        store.drop(tx, ONE.id, 3, "staff:1", clock.now())
    report = load_content(db, clock, content(entry(ONE.id, short="Lời mới của tệp.")))
    assert (report.changed, report.standing) == ((ONE.id,), ())


def test_an_old_draft_is_not_pending_once_something_newer_is_settled(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))
    write(db, clock, "Nháp cũ.")
    load_content(db, clock, content(entry(ONE.id, short="Lời mới của tệp.")))
    assert stands(db).pending is None and stands(db).current.entry.short == "Lời mới của tệp."


def test_retiring_keeps_its_reason_and_the_version_that_was_in_force(db: Database, clock: MovableClock) -> None:
    number = write(db, clock, "Đang dùng.", State.PUBLISHED)
    with db.write() as tx:
        assert store.move(tx, ONE.id, number, State.RETIRED, "staff:2", clock.now(), note="Số đã đổi") == number + 1
        newest, before = store.versions(tx, ONE.id)
    assert (newest.note, newest.author, newest.state, before.state) == ("Số đã đổi", "staff:2", State.RETIRED, State.RETIRED)
    assert stands(db).published is None and stands(db).state is State.RETIRED


def test_drafts_do_not_make_readers_load_again(db: Database, clock: MovableClock) -> None:
    load_content(db, clock, content(ONE))

    def revision() -> int:
        with db.read() as tx:
            return store.revision(tx)

    before = revision()
    number = write(db, clock, "Nháp.")
    with db.write() as tx:
        store.move(tx, ONE.id, number, State.REVIEWED, "staff:1", clock.now())
    assert revision() == before
    with db.write() as tx:
        store.move(tx, ONE.id, number, State.PUBLISHED, "staff:2", clock.now())
    assert revision() == before + 1
    with db.write() as tx:
        store.move(tx, ONE.id, number, State.RETIRED, "staff:2", clock.now())
    assert revision() == before + 2


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, keyring: Keyring) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'shared.db'}" if request.param == "sqlite" else fresh_postgres(), keyring)
    made.migrate()
    yield made
    made.close()


def test_of_many_who_save_on_one_version_one_does(shared: Database, clock: MovableClock) -> None:
    load_content(shared, clock, content(ONE))

    def attempt(number: int) -> int:
        try:
            return write(shared, clock, f"Lời {number}.", base=1, by=f"staff:{number}")
        except Overtaken:
            return 0

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(attempt, range(6))) == [0, 0, 0, 0, 0, 2]
    assert stands(shared).newest.version == 2


def test_of_many_who_decide_one_does(shared: Database, clock: MovableClock) -> None:
    number = write(shared, clock, "Mới.", State.REVIEWED)

    def attempt(person: int) -> str:
        state = State.PUBLISHED if person % 2 else State.DRAFT
        try:
            with shared.write() as tx:
                store.move(tx, ONE.id, number, state, f"staff:{person}", clock.now(), expected=State.REVIEWED)
        except Overtaken:
            return ""
        return f"staff:{person}"

    with ThreadPoolExecutor(6) as pool:
        winners = [one for one in pool.map(attempt, range(6)) if one]
    assert winners == [stands(shared).newest.reviewer]
