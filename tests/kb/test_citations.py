from __future__ import annotations

import pytest

from kb.citations import all_written, written
from kb.content import Content
from kb.errors import CitationError
from kb.schema import Citation


@pytest.mark.parametrize(
    ("source", "section", "string"),
    [
        ("nd-56-2017", "Điều 25 khoản 1", "56/2017/NĐ-CP, Điều 25 khoản 1"),
        ("guidance-2024", "mục II.2.1.a(7)", "Hướng dẫn 2024 của Sở LĐ-TB&XH Quảng Ninh, mục II.2.1.a(7)"),
        ("guidance-2024", "Phụ lục 03 A.I.1", "Hướng dẫn 2024 của Sở LĐ-TB&XH Quảng Ninh, Phụ lục 03 A.I.1"),
        ("kh-183-2023", None, "Kế hoạch 183/KH-UBND ngày 21/7/2023"),
        ("bao-quang-ninh-2025-06", None, "Báo Quảng Ninh, 6/2025"),
    ],
)
def test_citations_read_as_the_contract_writes_them(own: Content, source: str, section: str | None, string: str) -> None:
    assert written(Citation(source=source, section=section), own.sources) == string


def test_an_unknown_source_is_an_error(own: Content) -> None:
    with pytest.raises(CitationError, match="nd-0-1900"):
        written(Citation(source="nd-0-1900"), own.sources)


def test_a_citation_stands_once(own: Content) -> None:
    twice = [Citation(source="nd-56-2017"), Citation(source="kh-183-2023"), Citation(source="nd-56-2017")]
    assert all_written(twice, own.sources) == ("56/2017/NĐ-CP", "Kế hoạch 183/KH-UBND ngày 21/7/2023")
