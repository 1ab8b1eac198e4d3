"""The editors' pages for files: upload, report, load, undo, withdraw; who may, and what a strange file does."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from desk import imports, labels
from helpline.tables import audit, kb_entry, kb_import, kb_service
from kb.importing.guard import MOST_BYTES
from tests.desk.conftest import Office, Person
from tests.kb.files import CLASS, PLACE, SWIM_HEADINGS, comma, grid, pdf, xlsx

WRONG = {**PLACE, "name": "Nhà A", "commune": "Hải Phòng"}
DOCUMENT = "Điều 1. Phạm vi\nNghị định này về trẻ em.\nĐiều 2. Đối tượng\nMọi trẻ em.\n".encode()


def send(person: Person, data: bytes, kind: str = "services", name: str = "danh sách.xlsx", **fields: str) -> Any:
    return person.client.post(
        "/imports",
        data={"csrf": person.csrf, "kind": kind, **fields},
        files={"file": (name, data)},
        follow_redirects=False,
    )


def brought(person: Person, data: bytes, kind: str = "services", **fields: str) -> str:
    """The address of the report of a file that was taken."""
    answer = send(person, data, kind, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def rows(office: Office, state: str = "in_force") -> list[Any]:
    with office.db.read() as tx:
        return list(tx.execute(select(kb_service).where(kb_service.c.state == state).order_by(kb_service.c.id)).all())


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"<li[^>]*><b>(\d+)</b>", page)]


@pytest.fixture
def editor(office: Office) -> Person:
    return office.person("bien", "editor", on_shift=False)


# from the file to the answers


def test_a_right_file_is_checked_then_loaded(office: Office, editor: Person) -> None:
    where = brought(editor, xlsx(grid(PLACE, {**PLACE, "name": "Trạm y tế"})))
    page = editor.get(where).text
    assert numbers(page) == [2, 0, 0, 0] and "Nhập 2 dòng" in page and rows(office) == []
    assert editor.post(f"{where}/load").status_code == 303
    assert [row.name for row in rows(office)] == ["Nhà văn hóa khu 3", "Trạm y tế"] and rows(office)[0].author == f"staff:{editor.id}"
    page = editor.get(where).text
    assert "Đã nhập" in page and "Hoàn tác" in page and "Nhập 2 dòng" not in page


def test_a_refused_line_is_told_with_line_column_and_what_to_do(office: Office, editor: Person) -> None:
    where = brought(editor, comma(grid(PLACE, WRONG)))
    page = editor.get(where).text
    assert numbers(page) == [1, 0, 0, 1]
    for words in ("Dòng 3", "Xã, phường, đặc khu", "“Hải Phòng” không thuộc Quảng Ninh.", "Chỉ nhập nơi ở Quảng Ninh.", "Chỉ nhập dòng đúng (1)"):
        assert words in page
    assert editor.post(f"{where}/load").status_code == 409 and rows(office) == []
    assert editor.post(f"{where}/load", only_right="1").status_code == 303 and len(rows(office)) == 1


def test_a_repeat_changes_nothing(office: Office, editor: Person) -> None:
    data = comma(grid(PLACE))
    for _ in range(2):
        where = brought(editor, data)
        editor.post(f"{where}/load")
    assert len(rows(office)) == 1
    again = editor.get(brought(editor, data)).text
    assert "không có gì mới" in again and numbers(again) == [0, 0, 1, 0]
    assert editor.post(f"{where}/load").status_code == 303 and len(rows(office)) == 1


def test_undo_and_discard(office: Office, editor: Person) -> None:
    where = brought(editor, comma(grid(PLACE)))
    editor.post(f"{where}/load")
    assert "Đã hoàn tác, bỏ 1 dòng." in editor.post(f"{where}/undo").text
    assert rows(office) == [] and editor.post(f"{where}/undo").status_code == 409
    assert editor.post(f"{where}/undo", script=True).json()["say"].startswith("Lần nhập này")
    other = brought(editor, comma(grid(PLACE)))
    assert editor.post(f"{other}/discard").headers["location"] == "/imports"
    assert editor.get(other).status_code == 404 and editor.post(f"{other}/load").status_code == 404


def test_swim_classes_and_documents_go_the_same_way(office: Office, editor: Person) -> None:
    where = brought(editor, comma(grid(CLASS, headings=SWIM_HEADINGS)), "swim")
    editor.post(f"{where}/load")
    assert [row.kind for row in rows(office)] == ["swim_class"]
    where = brought(editor, DOCUMENT, "document", source="nd-56-2017", topic="child_rights")
    page = editor.get(where).text
    assert "Tạo 2 bản nháp" in page and "56/2017/NĐ-CP" in page
    editor.post(f"{where}/load")
    with office.db.read() as tx:
        drafts = tx.execute(select(kb_entry.c.state, kb_entry.c.entry_id)).all()
    assert [tuple(one) for one in drafts] == [("draft", f"child_rights.nd_56_2017_dieu_{n}") for n in (1, 2)]
    assert 'href="/knowledge/entry/child_rights.nd_56_2017_dieu_1"' in editor.get(where).text
    assert "bỏ 2 bản nháp" in editor.post(f"{where}/undo").text


def test_a_pdf_tells_the_page_of_each_draft(editor: Person) -> None:
    data = pdf(["Điều 1. Phạm vi", "Nghị định này về trẻ em."], ["Điều 2. Đối tượng", "Mọi trẻ em trên cả nước."])
    page = editor.get(brought(editor, data, "document", source="nd-56-2017")).text
    assert "Điều 1, trang 1" in page and "Điều 2, trang 2" in page


def test_a_place_is_withdrawn_at_once(office: Office, editor: Person) -> None:
    editor.post(f"{brought(editor, comma(grid(PLACE)))}/load")
    page = editor.get("/imports/places").text
    assert "Nhà văn hóa khu 3" in page and "0912345678" in page and "20/11/2026" in page
    row = rows(office)[0]
    assert editor.post(f"/imports/places/{row.id}/withdraw").status_code == 303
    assert rows(office) == [] and editor.post(f"/imports/places/{row.id}/withdraw").status_code == 409
    assert len(office.traces("service.withdraw")) == 1


def test_places_are_filtered_and_marked_when_old(office: Office, editor: Person) -> None:
    editor.post(f"{brought(editor, comma(grid(PLACE, {**PLACE, 'name': 'Trạm y tế', 'commune': 'Bãi Cháy', 'address': 'Tổ 1'})))}/load")
    assert "Trạm y tế" not in editor.get("/imports/places?text=ha+tu").text
    assert "Nhà văn hóa" not in editor.get("/imports/places?text=TRẠM").text
    assert "Không có nơi nào như vậy" in editor.get("/imports/places?kind=shelter").text
    assert "cần kiểm tra lại" not in editor.get("/imports/places").text
    office.pass_time(days=88)
    editor = office.sign_in("bien")
    assert editor.get("/imports/places").text.count("cần kiểm tra lại") == 2
    assert "2 nơi cần kiểm tra lại" in editor.get("/imports").text


def test_the_list_of_refused_lines_can_be_taken_along(editor: Person) -> None:
    where = brought(editor, comma(grid(WRONG, {**PLACE, "phone": "19001769"})))
    answer = editor.get(f"{where}/refused.csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [line[0] for line in lines] == ["Dòng", "2", "3"] and all(len(line) == 4 for line in lines)
    assert "attachment" in answer.headers["content-disposition"]
    assert not any(cell[:1] in "=+-@" for line in lines for cell in line if cell)


@pytest.mark.parametrize("kind", ["services", "swim"])
def test_a_template_is_taken_back_with_its_example_refused(office: Office, editor: Person, kind: str) -> None:
    book = editor.get(f"/imports/template/{kind}.xlsx")
    assert book.headers["content-type"] == imports._EXCEL and len(load_workbook(io.BytesIO(book.content)).worksheets) == 3
    for data in (book.content, editor.get(f"/imports/template/{kind}.csv").content):
        page = editor.get(brought(editor, data, kind)).text
        assert "Đây là dòng ví dụ của mẫu." in page and numbers(page) == [0, 0, 0, 1]


# what is no list


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "Tệp trống"), (b"abc", "Không thấy dòng tiêu đề"), (b"PK\x03\x04xx", "hỏng"), (pdf(["Điều 1. A"]), "PDF"), (comma(grid()), "chưa có dòng")],
)
def test_a_file_that_cannot_be_read_is_said_so_and_nothing_is_kept(office: Office, editor: Person, data: bytes, words: str) -> None:
    answer = send(editor, data)
    assert answer.status_code == 400 and words in answer.text and "Kiểm tệp" in answer.text
    with office.db.read() as tx:
        assert tx.execute(select(kb_import)).all() == []


def test_a_form_without_its_file_or_kind(editor: Person) -> None:
    answer = editor.client.post("/imports", data={"csrf": editor.csrf, "kind": "services"}, files={"other": ("", b"")}, follow_redirects=False)
    assert answer.status_code == 400 and "chưa chọn tệp" in answer.text
    assert send(editor, comma(grid(PLACE)), "cases").status_code == 404
    assert editor.post("/imports", kind="services").status_code == 400  # no file can come in such a form
    assert "Không có nguồn" in send(editor, DOCUMENT, "document", source="x").text


def test_a_file_that_is_too_large_is_turned_away_before_its_end(editor: Person) -> None:
    answer = send(editor, b"x" * (MOST_BYTES + 100_000))
    assert answer.status_code == 413 and "5 MB" in answer.text


def test_a_broken_form_is_no_fault_of_ours(editor: Person) -> None:
    for body in (b"", b"--x\r\nnonsense", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"):
        answer = editor.client.post("/imports", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
        assert answer.status_code in (400, 403)
    assert editor.client.post("/imports", content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 400


def test_words_of_a_file_are_never_markup(editor: Person) -> None:
    table = grid({**PLACE, "commune": "<script>alert(1)</script>"}, PLACE)
    page = editor.get(send(editor, comma(table), name="<b>x.csv").headers["location"]).text
    assert "<script>alert" not in page and "<b>x.csv" not in page and "&lt;b&gt;x.csv" in page


# who may


@pytest.mark.parametrize("role", ["counsellor", "supervisor"])
def test_only_editors_and_administrators(office: Office, editor: Person, role: str) -> None:
    where = brought(editor, comma(grid(PLACE)))
    other = office.person("lan", role)
    for path in ("/imports", "/imports/places", where, f"{where}/refused.csv", "/imports/template/swim.csv"):
        assert other.get(path).status_code == 404, path
    for act in ("load", "undo", "discard"):
        assert other.post(f"{where}/{act}").status_code == 404
    assert send(other, comma(grid(PLACE))).status_code == 404 and other.post("/imports/places/1/withdraw").status_code == 404
    assert rows(office) == [] and editor.get(where).status_code == 200


def test_administrators_may(office: Office) -> None:
    admin = office.person("admin", "admin")
    assert admin.post(f"{brought(admin, comma(grid(PLACE)))}/load").status_code == 303 and len(rows(office)) == 1


def test_nobody_without_a_session_or_its_token(office: Office, editor: Person) -> None:
    stranger = office.browser()
    assert stranger.get("/imports", follow_redirects=False).status_code == 303
    answer = stranger.post("/imports", data={"kind": "services"}, files={"file": ("a.csv", comma(grid(PLACE)))}, follow_redirects=False)
    assert answer.status_code == 303
    form = {"csrf": editor.csrf, "kind": "services"}
    files, elsewhere = {"file": ("a.csv", comma(grid(PLACE)))}, {"origin": "https://elsewhere.example"}
    assert editor.client.post("/imports", data=form, files=files, headers=elsewhere, follow_redirects=False).status_code == 403
    editor.csrf = "0" * 64
    assert send(editor, comma(grid(PLACE))).status_code == 403


@pytest.mark.parametrize("path", ["/imports/0", "/imports/999", "/imports/x", "/imports/9999999999999999999", "/imports/template/x.csv", "/imports/template/swim.exe"])
def test_what_is_not_there(editor: Person, path: str) -> None:
    assert editor.get(path).status_code == 404
    assert editor.post(f"{path}/load").status_code in (404, 405)


def test_every_act_is_traced_in_words(office: Office, editor: Person) -> None:
    where = brought(editor, comma(grid(PLACE, WRONG)))
    editor.post(f"{where}/load", only_right="1")
    editor.post(f"{where}/undo")
    with office.db.read() as tx:
        acts = [row.action for row in tx.execute(select(audit).where(audit.c.object_type == "import").order_by(audit.c.id))]
    assert acts == ["import.check", "import.load", "import.undo"] and all(act in labels.ACTIONS for act in acts)
    page = office.person("admin", "admin").get("/trace").text
    assert "Nhập tệp" in page and "lần nhập 1" in page and "địa chỉ, nơi giúp đỡ, mới 1, cập nhật 0, từ chối 1" in page


def test_while_the_database_is_away_nothing_is_half_done(office: Office, editor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpline.errors import StoreUnavailable

    where = brought(editor, comma(grid(PLACE)))
    monkeypatch.setattr("kb.importing.batches.settle", lambda *_: (_ for _ in ()).throw(StoreUnavailable("gone")))
    assert editor.post(f"{where}/load").status_code == 503 and rows(office) == []
    monkeypatch.undo()
    assert editor.post(f"{where}/load").status_code == 303 and len(rows(office)) == 1
