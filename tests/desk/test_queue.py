"""The list: urgent first, why, how long, and whose turn it is to answer."""

from __future__ import annotations

import re

from desk import queue
from desk import staff as people
from tests.desk.conftest import Office


def test_urgent_first_then_by_wait(office: Office) -> None:
    lan = office.person("lan")
    quiet = office.open_case("con buồn", user="a")
    office.pass_time(minutes=3)
    first = office.open_case("mẹ đánh con", user="b")
    office.pass_time(minutes=1)
    second = office.open_case("anh đánh em", user="c")
    office.pass_time(minutes=1)
    page = lan.get("/queue").text
    assert re.findall(r'id="item-(\d+)"', page) == [str(first), str(second), str(quiet)]
    assert re.findall(r'<time data-since="\d+">([^<]+)</time>', page) == ["2 phút", "1 phút", "5 phút"]
    assert "Bạo lực thân thể" in page and "Trẻ em kể về mình · Web" in page and "<q>word</q>" in page


def test_words_only_where_they_help_to_choose(office: Office) -> None:
    lan, binh = office.person("lan"), office.person("binh")
    case_id = office.open_case()
    assert "<q>word</q>" in binh.get("/queue").text
    lan.post(f"/case/{case_id}/take")
    assert "<q>word</q>" not in binh.get("/queue").text


def test_whose_turn_it_is(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    office.pass_time(minutes=2)
    lan.post(f"/case/{case_id}/take")
    assert "chờ bạn <time" in lan.get("/queue").text  # taken, and not a word yet
    assert lan.get("/pulse").json()["queue"]["unanswered"] == 1
    lan.reply(case_id, "Chào em")
    assert "đã trả lời" in lan.get("/queue").text
    office.pass_time(minutes=1)
    office.write("dạ")
    office.pass_time(minutes=4)
    assert re.search(r'chờ bạn <time data-since="\d+">4 phút', lan.get("/queue").text)
    with office.db.read() as tx:
        silent = queue.unanswered(tx)
    assert list(silent) == [case_id]


def test_the_board(office: Office) -> None:
    lan, hoa = office.person("lan"), office.person("hoa", "supervisor")
    assert lan.get("/board").status_code == 404
    taken = office.open_case(user="a")
    lan.post(f"/case/{taken}/take")
    office.open_case(user="b")
    office.pass_time(minutes=4)
    hoa.client.post("/heartbeat", headers={"X-CSRF-Token": hoa.csrf})
    page = hoa.get("/board").text
    tiles = re.findall(r"<li[^>]*><b>(.*?)</b>", page[page.index('class="tiles"') :])
    assert [re.sub(r"<[^>]+>", "", tile) for tile in tiles] == ["1", "1", "4 phút", "1", "1", "1"]
    assert "Lan" in page and "Sau 5 phút im lặng" in page


def test_nobody_on_shift_is_said_on_the_board(office: Office) -> None:
    hoa = office.person("hoa", "supervisor", on_shift=False)
    assert "Không ai trong ca" in hoa.get("/board").text


def test_cases_in_the_list_are_pseudonymous(office: Office) -> None:
    lan = office.person("lan")
    office.open_case(user="so-dien-thoai-cua-em")
    assert "so-dien-thoai-cua-em" not in lan.get("/").text + lan.get("/case/1").text


def test_the_queue_is_the_same_for_the_first_page_and_the_script(office: Office) -> None:
    lan = office.person("lan")
    office.open_case()
    page, piece = lan.get("/").text, lan.get("/queue").text
    assert piece.strip() in page
    with office.db.read() as tx:
        person = people.find(tx, lan.id)
        assert person and queue.load(tx, person).urgent == 1
