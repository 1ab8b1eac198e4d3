"""Small content of the tests' own: a few entries, sources and places."""

from __future__ import annotations

from datetime import date
from typing import Any

from kb.content import Content
from kb.places import Gazetteer, OldCommune, OldDistrict
from kb.schema import Entry, Source

AS_OF = date(2024, 1, 31)


def entry(entry_id: str, **changes: Any) -> Entry:
    """An entry that is right in every field; ``changes`` make it wrong or different."""
    fields: dict[str, Any] = {
        "id": entry_id,
        "topic": entry_id.split(".")[0],
        "title": f"Về {entry_id}",
        "audience": ["adult", "child", "official"],
        "questions": [f"hỏi về {entry_id}"],
        "short": "Một câu trả lời.",
        "citations": [{"source": "nd-56-2017", "section": "Điều 25 khoản 1"}],
        "as_of": AS_OF,
        "review_by": date(2027, 3, 31),
        "validity": "in_force",
    }
    return Entry.parse_obj({**fields, **changes})


def source(source_id: str, cite: str, **changes: Any) -> Source:
    fields: dict[str, Any] = {
        "id": source_id,
        "cite": cite,
        "number": cite,
        "kind": "nghị định",
        "issuer": "Chính phủ",
        "date": None,
        "title": f"Về {cite}",
        "field": "children",
        "validity": "in_force",
        "as_of": AS_OF,
    }
    return Source.parse_obj({**fields, **changes})


def gazetteer() -> Gazetteer:
    """Three districts with a name of everything that is hard."""
    return Gazetteer(
        [
            OldDistrict(
                "Hạ Long",
                "Thành phố",
                (
                    OldCommune("Phường Hà Khẩu", ("Phường Tuần Châu", "Phường Việt Hưng")),
                    OldCommune("Phường Tuần Châu", ("Phường Tuần Châu",)),
                    OldCommune("Phường Hồng Hải", ("Phường Hạ Long",)),
                ),
                ("HL", "H.Long"),
            ),
            OldDistrict(
                "Uông Bí",
                "Thành phố",
                (OldCommune("Phường Thanh Sơn", ("Phường Uông Bí",)), OldCommune("Phường Nam Khê", ("Phường Vàng Danh",))),
            ),
            OldDistrict(
                "Ba Chẽ",
                "Huyện",
                (OldCommune("Xã Thanh Sơn", ("Xã Ba Chẽ",)), OldCommune("Thị trấn Ba Chẽ", ("Xã Ba Chẽ",))),
            ),
        ],
        ["Phường Tuần Châu", "Phường Việt Hưng", "Phường Hạ Long", "Phường Uông Bí", "Phường Vàng Danh", "Xã Ba Chẽ"],
    )


def content(*entries: Entry) -> Content:
    sources = [
        source("nd-56-2017", "56/2017/NĐ-CP"),
        source("nq-1679-2025", "Nghị quyết 1679/NQ-UBTVQH15 ngày 16/6/2025", number="1679/NQ-UBTVQH15"),
    ]
    return Content(entries=entries, sources={one.id: one for one in sources}, gazetteer=gazetteer())
