"""The page of a case and what its owner does with it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from desk import labels
from desk.case import MOST_REPLY, channel_limit
from desk.transcript import marked
from helpline import outbox
from helpline.messages import Channel, OutState
from helpline.retry import Decision
from helpline.tables import conversation
from tests.desk.conftest import CHILD_WORDS, Office, Person


def held(office: Office) -> tuple[Person, int]:
    lan = office.person("lan")
    case_id = office.open_case()
    assert lan.post(f"/case/{case_id}/take").status_code == 303
    return lan, case_id


def test_the_whole_talk_in_order(office: Office) -> None:
    lan = office.person("lan")
    office.write("lớp bơi ở đâu ạ")
    office.pass_time(seconds=30)
    case_id = office.open_case()
    office.pass_time(seconds=30)
    lan.post(f"/case/{case_id}/take")
    lan.reply(case_id, "Chào em")
    office.pass_time(seconds=30)
    office.write("con chào cô")
    page = lan.get(f"/case/{case_id}").text
    places = [page.index(words) for words in ("lớp bơi ở đâu ạ", "bố đánh con", "Mình đang ở đây", "Tư vấn viên đã vào đây", "Chào em</div>", "con chào cô")]
    assert places == sorted(places)


def test_states_of_delivery_are_told(office: Office) -> None:
    lan, case_id = held(office)
    for text in ("một", "hai", "ba"):
        lan.reply(case_id, text)
    now = office.clock.now()
    with office.db.write() as tx:
        rows = {row.body["text"]: row.id for row in office.outgoing("counsellor")}
        while leaving := outbox.claim(tx, now):
            for outgoing in leaving:
                if outgoing.id == rows["ba"]:
                    break
                if outgoing.id == rows["hai"]:
                    outbox.mark_failed(tx, now, outgoing.id, Decision(OutState.REFUSED, 0), "-230")
                else:
                    outbox.mark_sent(tx, now, outgoing, None)
            else:
                continue
            break
    page = lan.get(f"/case/{case_id}/live").text

    def tick(outgoing_id: int) -> str:
        bubble = page[page.index(f'id="o{outgoing_id}"') :]
        return re.search(r'class="tick">([^<]*)', bubble)[1]  # type: ignore[index]

    assert tick(rows["một"]) == "Đã gửi 15:00"
    assert tick(rows["hai"]) == "Không gửi được (mã của kênh: -230)"
    assert tick(rows["ba"]) == "Đang gửi"
    assert f'data-again="o{rows["hai"]}"' in page


def test_the_words_that_rang_are_marked(office: Office) -> None:
    evidence = [
        {"text": "đánh con", "start": 3, "end": 11, "status": "present"},
        {"text": "con", "start": 8, "end": 11, "status": "present"},
        {"text": "sợ", "start": 13, "end": 15, "status": "negated"},
        {"text": "lệch", "start": 0, "end": 4, "status": "present"},
        {"text": "<b>", "start": 16, "end": 19, "status": "present"},
    ]
    assert marked("bố đánh con, sợ <b> <i>", evidence) == "bố <mark>đánh con</mark>, sợ <mark>&lt;b&gt;</mark> &lt;i&gt;"


def test_what_a_sender_writes_is_text_and_nothing_else(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case("bố đánh con <script>alert(1)</script>\"'>")
    page = lan.get(f"/case/{case_id}").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_what_a_colleague_writes_is_text_too(office: Office) -> None:
    office.hire("lan", name="<i>Lan</i>")
    lan = office.sign_in("lan")
    case_id = office.open_case()
    lan.post(f"/case/{case_id}/take")
    lan.reply(case_id, "<b>chào</b>")
    lan.post(f"/case/{case_id}/close", outcome="advised", note="<u>xong</u>")
    page = lan.get(f"/case/{case_id}").text
    for tag, words in (("i", "Lan"), ("b", "chào"), ("u", "xong")):
        assert f"<{tag}>{words}" not in page and f"&lt;{tag}&gt;{words}" in page


def test_a_reply_reaches_the_outbox_once_though_sent_twice(office: Office) -> None:
    lan, case_id = held(office)
    key = str(uuid.uuid4())
    first, second = lan.reply(case_id, "Chào em", key), lan.reply(case_id, "Chào em", key.upper())
    assert first.json() == {"sent": True, "repeat": False}
    assert second.json() == {"sent": False, "repeat": True}
    (row,) = office.outgoing("counsellor")
    assert (row.body["text"], row.author, row.staff_id, row.state) == ("Chào em", "counsellor", lan.id, "waiting")


def test_only_the_owner_writes(office: Office) -> None:
    lan, case_id = held(office)
    for other in (office.person("binh"), office.person("hoa", "supervisor"), office.person("admin", "admin")):
        answer = other.reply(case_id, "xin chào")
        assert answer.status_code == 403
        assert "không do bạn giữ" in answer.json()["say"]
        for act in ("close", "release", "transfer"):
            assert other.post(f"/case/{case_id}/{act}", outcome="advised", to=str(other.id)).status_code == 403
    assert office.outgoing("counsellor") == []
    assert office.case(case_id).owner_id == lan.id


def test_nobody_writes_before_taking(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    assert lan.reply(case_id, "xin chào").status_code == 403
    page = lan.get(f"/case/{case_id}").text
    assert "<textarea" not in page and f"/case/{case_id}/take" in page
    assert office.outgoing("counsellor") == []


@pytest.mark.parametrize(
    ("text", "key"), [("", str(uuid.uuid4())), ("   \n", str(uuid.uuid4())), ("a" * (MOST_REPLY + 1), str(uuid.uuid4())), ("chào", "x")]
)
def test_a_reply_that_is_none(office: Office, text: str, key: str) -> None:
    lan, case_id = held(office)
    assert lan.post(f"/case/{case_id}/reply", script=True, text=text, client_key=key).status_code == 400
    assert office.outgoing("counsellor") == []


def test_the_badge_says_that_the_assistant_is_silent(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case()
    assert "Trợ lý tự động đang nói" in lan.get(f"/case/{case_id}/live").text
    lan.post(f"/case/{case_id}/take")
    assert "Trợ lý tự động đang im" in lan.get(f"/case/{case_id}/live").text


def test_closing_gives_the_voice_back(office: Office) -> None:
    lan, case_id = held(office)
    assert office.talk(case_id).voice == "counsellor"
    assert lan.post(f"/case/{case_id}/close", outcome="referred_police", note="đã gọi").status_code == 303
    assert office.talk(case_id).voice == "bot"
    row = office.case(case_id)
    assert (row.state, row.outcome, row.note) == ("closed", "referred_police", "đã gọi")
    assert lan.reply(case_id, "quên").status_code == 409
    assert office.outgoing("counsellor") == []


@pytest.mark.parametrize("form", [{}, {"outcome": "x"}, {"outcome": "other"}])
def test_a_case_is_not_closed_without_an_outcome(office: Office, form: dict[str, str]) -> None:
    lan, case_id = held(office)
    assert lan.post(f"/case/{case_id}/close", **form).status_code == 400
    assert office.case(case_id).state == "taken"


def test_release_puts_it_back_and_gives_the_voice_back(office: Office) -> None:
    lan, case_id = held(office)
    assert lan.post(f"/case/{case_id}/release").status_code == 303
    assert (office.case(case_id).state, office.talk(case_id).voice) == ("waiting", "bot")


def test_transfer_to_a_colleague_on_shift(office: Office) -> None:
    lan, case_id = held(office)
    binh = office.person("binh")
    assert lan.post(f"/case/{case_id}/transfer", to=str(binh.id)).status_code == 303
    assert office.case(case_id).owner_id == binh.id
    assert office.talk(case_id).voice == "counsellor"
    assert lan.reply(case_id, "còn tôi").status_code == 403
    assert binh.reply(case_id, "mình tiếp nhé").status_code == 200


def test_transfer_only_to_somebody_who_is_there(office: Office) -> None:
    lan, case_id = held(office)
    away = office.hire("away", on_shift=False)
    editor = office.hire("bien", "editor")
    for to in (away, editor, lan.id, 999):
        assert lan.post(f"/case/{case_id}/transfer", to=str(to)).status_code == 409
    asleep = office.hire("asleep")
    office.pass_time(minutes=3)
    assert lan.post(f"/case/{case_id}/transfer", to=str(asleep)).status_code == 409
    assert office.case(case_id).owner_id == lan.id


def test_a_colleague_who_comes_later_can_be_chosen(office: Office) -> None:
    lan, case_id = held(office)
    assert "không có đồng nghiệp" in lan.get(f"/case/{case_id}/colleagues").text
    binh = office.person("binh")
    assert "Binh" in lan.get(f"/case/{case_id}/colleagues").text
    assert "Lan" not in lan.get(f"/case/{case_id}/colleagues").text
    assert binh.get(f"/case/{case_id}/colleagues").status_code == 403


def test_past_contacts_are_counted_without_a_name(office: Office) -> None:
    lan, case_id = held(office)
    lan.post(f"/case/{case_id}/close", outcome="advised")
    again = office.open_case()
    page = lan.get(f"/case/{again}").text
    assert "1 trường hợp, gần nhất" in page
    talk = office.talk(again)
    assert talk.user_key[:6].upper() in page
    assert talk.user_key not in page


def test_what_happened_to_the_sender_is_said(office: Office) -> None:
    lan, case_id = held(office)
    now = office.clock.now()
    with office.db.write() as tx:
        tx.execute(conversation.update().values(left_at=now, unreachable_at=now, delete_asked_at=now))
    page = lan.get(f"/case/{case_id}/live").text
    for words in ("đã bấm Thoát nhanh lúc 15:00", "Kênh không chuyển tin được nữa", "đã yêu cầu xóa tin"):
        assert words in page


@pytest.mark.parametrize(
    ("silent", "says"),
    [
        (timedelta(hours=1), "còn 1 ngày để nhắn miễn phí"),
        (timedelta(hours=47), "còn 1 giờ để nhắn miễn phí"),
        (timedelta(hours=48), "bị tính phí; còn 5 ngày để nhắn"),
        (timedelta(days=7), "không tới được"),
    ],
)
def test_the_limit_of_zalo(office: Office, silent: timedelta, says: str) -> None:
    now = office.clock.now()
    assert says in channel_limit("zalo", now - silent, now)
    assert channel_limit("telegram", now - silent, now) == ""


def test_an_old_talk_is_shown_in_part_and_whole_on_demand(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.transcript.SHOWN", 3)
    lan = office.person("lan")
    case_id = office.open_case()
    for number in range(6):
        office.write(f"tin số {number}")
    page = lan.get(f"/case/{case_id}").text
    assert "tin số 5" in page and "tin số 2" not in page and "tin cũ hơn" in page
    whole = lan.get(f"/case/{case_id}?whole=1").text
    assert all(f"tin số {number}" in whole for number in range(6)) and "bố đánh con" in whole


def test_a_closed_case_shows_how_it_ended(office: Office) -> None:
    lan, case_id = held(office)
    lan.post(f"/case/{case_id}/close", outcome="referred_commune", note="gọi lại thứ hai")
    page = lan.get(f"/case/{case_id}").text
    assert labels.OUTCOMES["referred_commune"] in page and "gọi lại thứ hai" in page and "<textarea" not in page


def test_channel_is_told(office: Office) -> None:
    lan = office.person("lan")
    case_id = office.open_case(channel=Channel.ZALO)
    page = lan.get(f"/case/{case_id}").text
    assert "<dd>Zalo</dd>" in page and "để nhắn miễn phí" in page
    assert CHILD_WORDS in page
