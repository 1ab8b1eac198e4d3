from __future__ import annotations

from datetime import date

import pytest

from kb import services
from kb.content import Content
from kb.places import PlaceKind, PlaceMatch
from kb.rows import Service, Services

TODAY = date(2026, 11, 23)
HERE = PlaceMatch((0, 0), "", PlaceKind.COMMUNE_NOW, "Phường Hà Tu", ("Phường Hà Tu",))


def row(**changes: object) -> Service:
    fields = {
        "id": "ha-tu-1",
        "kind": "trusted_address",
        "name": "Nhà văn hóa khu 3",
        "commune": "Phường Hà Tu",
        "address": "khu 3, phường Hà Tu",
        "source": "UBND phường Hà Tu",
        "last_checked": date(2026, 11, 1),
        "validity": "in_force",
    }
    return Service.parse_obj({**fields, **changes})


def listed(*rows: Service) -> Services:
    return Services(rows=rows, asked_in_2024=(), do_not_refer=())


def test_a_confirmed_address_is_told_with_the_day() -> None:
    found = services.at_place(listed(row(hours="24/7")), HERE, services.REFUGE, TODAY)
    assert services.tell(found, "phường Hà Tu") == (
        "Ở phường Hà Tu có: Nhà văn hóa khu 3, khu 3, phường Hà Tu, 24/7 (kiểm tra ngày 01/11/2026)."
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"last_checked": date(2026, 8, 1)},
        {"validity": "unconfirmed"},
        {"validity": "expired"},
        {"commune": "Phường Hạ Long"},
        {"kind": "commune_office"},
    ],
)
def test_old_unconfirmed_or_other_addresses_are_not_told(changes: dict[str, object]) -> None:
    assert services.at_place(listed(row(**changes)), HERE, services.REFUGE, TODAY) == []


def test_no_list_is_no_address() -> None:
    assert services.at_place(None, HERE, services.REFUGE, TODAY) == []


def test_the_place_that_is_never_recommended_is_known(own: Content) -> None:
    warned = services.warned_of(own.services, "trung tam cong tac xa hoi hai ha o an sinh co nhan tre khong")
    assert warned is not None and warned.id == "hai-ha-centre"
    assert services.warned_of(own.services, "trung tâm công tác xã hội tỉnh") is None
