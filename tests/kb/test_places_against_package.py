"""The places file against the package vietnamadminunits, an independent list of the same units."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kb.content import Content

vietnamadminunits = pytest.importorskip("vietnamadminunits")


def rows(query: str) -> list[tuple[str, ...]]:
    path = Path(vietnamadminunits.__file__).parent / "data" / "dataset.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


def test_the_54_present_units_and_their_codes(own: Content) -> None:
    assert own.places is not None
    theirs = set(rows("select ward, wardCode from admin_units where provinceShort = 'Quảng Ninh'"))
    assert {(unit.name, unit.code) for unit in own.places.units_now} == theirs
    assert len(theirs) == 54


def test_the_171_old_communes_and_their_districts(own: Content) -> None:
    assert own.places is not None
    theirs = set(rows("select ward, districtShort from admin_units_legacy where provinceShort = 'Quảng Ninh'"))
    ours = {(c.old, d.name) for d in own.places.district_units_before_2025_07_01 for c in d.communes}
    assert ours == theirs
    assert len(ours) == 171


def test_where_each_old_commune_went(own: Content) -> None:
    assert own.places is not None
    for district in own.places.district_units_before_2025_07_01:
        for commune in district.communes:
            address = f"{commune.old}, {district.type_before_2025_07_01} {district.name}, Tỉnh Quảng Ninh"
            theirs = vietnamadminunits.convert_address(address).ward
            assert theirs in commune.now, address  # of a split commune the package knows one part
