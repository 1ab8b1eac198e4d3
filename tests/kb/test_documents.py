from __future__ import annotations

from datetime import date

import pytest

from kb.content import Content
from kb.documents import Documents, Reference, day, references


@pytest.fixture(scope="module")
def documents(own: Content) -> Documents:
    return Documents(own.sources)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("kh 183", "kh-183-2023"),
        ("KH 183", "kh-183-2023"),
        ("183/KH-UBND", "kh-183-2023"),
        ("183/kh-ubnd nói gì", "kh-183-2023"),
        ("kế hoạch số 183 năm 2023", "kh-183-2023"),
        ("quyet dinh 2996", "qd-2996-2021"),
        ("qd 2996 ngày nào", "qd-2996-2021"),
        ("Quyết định số 2996/QĐ-UBND", "qd-2996-2021"),
        ("02/KH-UBND", "kh-02-2024"),
        ("ke hoach 2", "kh-02-2024"),
        ("nghị định 56/2017", "nd-56-2017"),
        ("56/2017/NĐ-CP", "nd-56-2017"),
        ("nd 282/2025/nđ-cp", "nd-282-2025"),
        ("chỉ thị 28-CT/TW", "ct-28-2023"),
        ("ct 33", "ct-33-2023"),
        ("nq 06 2022", "nq-06-2022-qn"),
        ("quyet dinh 55a nam 2013", "qd-55a-2013"),
        ("402/UBND-GD", "cv-402-2022"),
        ("luật 13/2022/QH15", "luat-13-2022"),
        ("kl 55 ngày nào", "kl-55-2013"),
        ("870/QC-SGDĐT-SYT-LĐTB&XH", "qc-870-2022"),
    ],
)
def test_a_document_is_found_by_its_number(documents: Documents, text: str, wanted: str) -> None:
    (named,) = references(text)
    assert [source.id for source in documents.by_reference(named)] == [wanted]


def test_several_numbers_in_one_question(documents: Documents) -> None:
    found = [documents.by_reference(one)[0].id for one in references("công văn 1864, 2307 và 1584 nói về việc gì")]
    assert found == ["cv-1864-2018", "cv-2307-2019", "cv-1584-2016"]


def test_a_kind_parts_two_of_one_number(documents: Documents) -> None:
    assert [source.id for source in documents.by_reference(Reference("76", None, 2026))] == ["nd-76-2026"]
    assert {s.id for s in documents.by_reference(Reference("76"))} >= {"nd-76-2026", "nd-76-2024", "nd-76-2023"}


def test_a_wrong_kind_finds_nothing_else(documents: Documents) -> None:
    assert documents.by_reference(Reference("183", "nghị định")) == []


@pytest.mark.parametrize(
    "text", ["con 8 tuổi", "từ 01/7/2025 đến nay", "gọi 111", "phạt 5 triệu", "lớp 4", "năm 2024", "ngày 15/11", "quyết định của xã"]
)
def test_other_numbers_are_no_document(text: str) -> None:
    assert references(text) == []


def test_a_bare_number_counts_where_documents_are_talked_of() -> None:
    assert references("157 với 156 khác nhau sao", bare=True) == [Reference("157"), Reference("156")]
    assert references("văn bản năm 2024", bare=True) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("kế hoạch về tảo hôn", "kh-44-2021"),
        ("van ban ve lao dong tre em cua tinh", "kh-127-2021"),
        ("quy chế phối hợp liên ngành bạo lực giới", "qd-2996-2021"),
        ("luật trẻ em số bao nhiêu", "luat-102-2016"),
    ],
)
def test_a_document_is_found_by_its_subject(documents: Documents, text: str, wanted: str) -> None:
    assert documents.by_subject(text)[0].source.id == wanted


def test_no_subject_finds_no_document(documents: Documents) -> None:
    assert documents.by_subject("bóng đá ngoại hạng") == []
    assert documents.by_subject("văn bản") == []


def test_conflicting_dates_are_shown_with_the_right_one(documents: Documents, own: Content) -> None:
    told = documents.tell(own.sources["qd-2996-2021"])
    assert told.startswith("Quyết định 2996/QĐ-UBND ngày 06/9/2021")
    assert "09/6/2021" in told and "ngày đúng là 06/9/2021" in told


def test_what_replaced_a_document_is_said(documents: Documents, own: Content) -> None:
    assert "282/2025/NĐ-CP" in documents.tell(own.sources["nd-144-2021"])
    assert "đã hết" in documents.tell(own.sources["kh-225-2020"])
    assert "chưa xác nhận" in documents.tell(own.sources["kh-183-2023"])


def test_a_doubtful_date_is_not_said_as_the_date(documents: Documents, own: Content) -> None:
    told = documents.tell(own.sources["cv-402-2022"])
    assert told.startswith("Công văn 402/UBND-GD, ")
    assert "Lưu ý ngày: Phụ lục 01 ghi 08/01/2022" in told


def test_every_document_can_be_told_and_cited(documents: Documents, own: Content) -> None:
    for source in own.sources.values():
        assert source.title in documents.tell(source) or source.cite in documents.tell(source)
        assert documents.citations([source])[0] == source.cite


def test_days_are_written_as_papers_write_them() -> None:
    assert [day(date(2021, 9, 6)), day(date(2024, 1, 8)), day(date(2023, 7, 21))] == ["06/9/2021", "08/01/2024", "21/7/2023"]
