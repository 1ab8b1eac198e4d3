"""Who may open, and who may write in, a case; the same rule by function and over the wire."""

from __future__ import annotations

import pytest

from desk import staff as people
from desk.access import access_case
from desk.errors import NoAccess
from helpline import cases
from helpline.errors import CaseClosed, NotOwner
from tests.desk.conftest import CHILD_WORDS, Office

READ = {  # (who, state of the case) -> why, or None for no access
    ("owner", "taken"): "owner",
    ("owner", "closed"): "owner",
    ("counsellor", "waiting"): "waiting",
    ("counsellor", "taken"): None,
    ("counsellor", "closed"): None,
    ("supervisor", "waiting"): "waiting",
    ("supervisor", "taken"): "supervision",
    ("supervisor", "closed"): "supervision",
    ("admin", "waiting"): "waiting",
    ("admin", "taken"): "supervision",
    ("admin", "closed"): "supervision",
    ("editor", "waiting"): None,
    ("editor", "taken"): None,
    ("editor", "closed"): None,
}
WRITE = {
    ("owner", "taken"): None,
    ("owner", "closed"): CaseClosed,
    ("counsellor", "waiting"): NotOwner,
    ("counsellor", "taken"): NotOwner,
    ("counsellor", "closed"): NoAccess,
    ("supervisor", "waiting"): NotOwner,
    ("supervisor", "taken"): NotOwner,
    ("supervisor", "closed"): CaseClosed,
    ("admin", "taken"): NotOwner,
    ("editor", "waiting"): NoAccess,
    ("editor", "taken"): NoAccess,
    ("editor", "closed"): NoAccess,
}


def scene(office: Office, who: str, state: str) -> tuple[people.Staff, int]:
    """A case in a state, held where it is held by Lan, and the person who asks."""
    owner = office.hire("lan")
    asks = owner if who == "owner" else office.hire("asks", who)
    case_id = office.open_case()
    with office.db.write() as tx:
        if state != "waiting":
            cases.take(tx, office.clock.now(), case_id, owner)
        if state == "closed":
            cases.close(tx, office.clock.now(), case_id, owner, "advised")
        person = people.find(tx, asks)
    assert person is not None
    return person, case_id


@pytest.mark.parametrize(("who", "state"), READ)
def test_read(office: Office, who: str, state: str) -> None:
    person, case_id = scene(office, who, state)
    with office.db.read() as tx:
        why = READ[who, state]
        if why is None:
            with pytest.raises(NoAccess):
                access_case(tx, person, case_id)
        else:
            assert access_case(tx, person, case_id).why == why


@pytest.mark.parametrize(("who", "state"), WRITE)
def test_write(office: Office, who: str, state: str) -> None:
    person, case_id = scene(office, who, state)
    with office.db.read() as tx:
        refusal = WRITE[who, state]
        if refusal is None:
            assert access_case(tx, person, case_id, write=True).may_write
        else:
            with pytest.raises(refusal):
                access_case(tx, person, case_id, write=True)


@pytest.mark.parametrize("path", ["/case/{}", "/case/{}/live", "/case/{}?whole=1"])
def test_a_refusal_does_not_tell_whether_the_case_exists(office: Office, path: str) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    assert lan.post(f"/case/{case_id}/take").status_code == 303
    there, not_there = binh.get(path.format(case_id)), binh.get(path.format(999))
    assert there.status_code == not_there.status_code == 404
    assert there.text == not_there.text
    assert CHILD_WORDS not in there.text


def test_editor_never_reads_a_case(office: Office) -> None:
    editor = office.person("bien", "editor")
    case_id = office.open_case()
    for path in (f"/case/{case_id}", f"/case/{case_id}/live", "/queue", "/board", "/trace", "/people", "/pulse"):
        answer = editor.get(path)
        assert answer.status_code == 404, path
        assert CHILD_WORDS not in answer.text
    for act in ("take", "reply", "release", "transfer", "close"):
        assert editor.post(f"/case/{case_id}/{act}", text="a", to="1", outcome="advised", client_key="0" * 32).status_code == 404
    assert editor.post("/take-next").status_code == 404
    assert office.case(case_id).state == "waiting"
    home = editor.get("/")
    assert home.status_code == 303 and home.headers["location"] == "/knowledge"


@pytest.mark.parametrize("path", ["/", "/queue", "/case/1", "/case/1/live", "/pulse", "/board", "/trace", "/people", "/account"])
def test_nobody_without_a_session(office: Office, path: str) -> None:
    office.open_case()
    answer = office.browser().get(path, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1 or 1", "９", "9" * 40])
def test_a_strange_number_is_no_case(office: Office, number: str) -> None:
    assert office.person("lan").get(f"/case/{number}").status_code == 404
