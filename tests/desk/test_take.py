"""Two people reach for the same case: one has it, the other is told who."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.desk.conftest import Office


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, all of them begun at the same moment."""
    start, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        start.wait()
        found[index] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return found


def test_one_wins_and_the_other_sees_who(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    path = f"/case/{case_id}/take"
    answers = together(lambda: lan.post(path, script=True), lambda: binh.post(path, script=True))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = "Lan" if answers[0].status_code == 200 else "Binh"
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert winner in loser.json()["say"]
    assert office.case(case_id).owner_id == (lan if winner == "Lan" else binh).id
    assert len(office.traces("case.take")) == 1


def test_the_loser_sees_who_has_it_in_the_queue(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    queue = binh.get("/queue").text
    assert f'id="held-{case_id}"' in queue and "<b>Lan</b>" in queue
    assert f"/case/{case_id}/take" not in queue


def test_two_who_take_the_next_get_two_cases(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    first, second = office.open_case(user="a"), office.open_case(user="b")
    answers = together(lambda: lan.post("/take-next", script=True), lambda: binh.post("/take-next", script=True))
    assert sorted(answer.json()["go"] for answer in answers) == [f"/case/{first}", f"/case/{second}"]


def test_the_next_is_the_most_urgent(office: Office) -> None:
    lan = office.person("lan")
    office.open_case("con buồn", user="a")
    office.pass_time(minutes=9)
    urgent = office.open_case(user="b")
    assert lan.post("/take-next").headers["location"] == f"/case/{urgent}"


def test_an_empty_queue_is_said(office: Office) -> None:
    answer = office.person("lan").post("/take-next", script=True)
    assert answer.json()["go"] is None and "trống" in answer.json()["say"]


@pytest.mark.parametrize("path", ["/case/1/take", "/take-next"])
def test_taking_puts_its_person_on_shift(office: Office, path: str) -> None:
    lan = office.person("lan", on_shift=False)
    assert office.open_case() == 1
    lan.post(path)
    assert [row.actor for row in office.traces("shift.start")] == [f"staff:{lan.id}"]


def test_a_closed_case_is_not_taken(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    lan.post(f"/case/{case_id}/close", outcome="advised")
    assert binh.post(f"/case/{case_id}/take").status_code == 404
    assert office.case(case_id).state == "closed"
