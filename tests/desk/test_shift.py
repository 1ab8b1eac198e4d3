"""The shift and the sign that somebody's page is open: what the first response promises rests on them."""

from __future__ import annotations

from helpline import presence
from tests.desk.conftest import Office


def there(office: Office) -> int:
    with office.db.read() as tx:
        return presence.on_shift_count(tx, office.clock.now())


def test_a_shift_begins_and_ends(office: Office) -> None:
    lan = office.person("lan", on_shift=False)
    assert there(office) == 0
    assert "Bạn chưa vào ca" in lan.get("/").text
    lan.post("/shift/start")
    lan.post("/shift/start")
    assert there(office) == 1
    assert "Đang trong ca</b> từ 15:00" in lan.get("/").text
    lan.post("/shift/end")
    assert there(office) == 0
    assert [len(office.traces(action)) for action in ("shift.start", "shift.end")] == [1, 1]


def test_the_heartbeat_keeps_somebody_there(office: Office) -> None:
    lan = office.person("lan")
    for _ in range(6):
        office.pass_time(seconds=60)
        answer = lan.client.post("/heartbeat", headers={"X-Desk": "1", "X-CSRF-Token": lan.csrf})
        assert answer.json() == {"on_shift": True}
        assert there(office) == 1
    office.pass_time(minutes=2, seconds=1)
    assert there(office) == 0


def test_nobody_leaves_a_sender_alone(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    for path in ("/shift/end", "/logout"):
        answer = lan.post(path, script=True)
        assert answer.status_code == 409 and "1 trường hợp" in answer.json()["say"]
    assert there(office) == 1
    lan.post(f"/case/{case_id}/release")
    assert lan.post("/shift/end").status_code == 303


def test_a_shift_that_nobody_ended_is_over_at_the_next_login(office: Office) -> None:
    office.person("lan")
    office.pass_time(hours=9)
    assert "Bạn chưa vào ca" in office.sign_in("lan").get("/").text


def test_a_shift_goes_on_after_a_short_absence(office: Office) -> None:
    office.person("lan")
    office.pass_time(minutes=30)
    assert "Đang trong ca" in office.sign_in("lan").get("/").text


def test_an_editor_has_no_shift(office: Office) -> None:
    assert office.person("bien", "editor").post("/shift/start").status_code == 404
