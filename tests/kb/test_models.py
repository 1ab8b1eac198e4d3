from __future__ import annotations

import pytest

from kb import models
from kb.content import Content


@pytest.mark.parametrize(
    ("place", "sections"),
    [
        ("phường Hưng Đạo, Đông Triều", {"Phụ lục 03 B.I.1"}),
        ("phường Hà Khẩu", {"Phụ lục 02 II.1"}),
        ("xã Đông Xá", {"Phụ lục 02 II.3"}),
        ("phường Phương Đông", {"Phụ lục 02 II.1", "Phụ lục 03 A.I.2", "Phụ lục 02 II.2", "Phụ lục 03 A.II.3"}),
        ("phường Hà Lầm", {"Phụ lục 03 B.I.1"}),
        ("xã Quảng Điền Hải Hà", {"Phụ lục 02 II.4"}),
    ],
)
def test_the_models_that_the_letter_names_at_a_place(own: Content, place: str, sections: set[str]) -> None:
    match = own.gazetteer.best(place)
    assert match is not None
    assert {one.model.section for one in models.at_place(own.models, match)} >= sections


def test_a_commune_without_a_model_of_its_own(own: Content) -> None:
    match = own.gazetteer.best("phường Hồng Gai")
    assert match is not None and models.at_place(own.models, match) == []
    assert "không nêu mô hình riêng" in models.tell([], match, "phường Hồng Gai")


def test_a_district_has_the_models_of_all_its_communes_and_no_others(own: Content) -> None:
    match = own.gazetteer.best("Uông Bí")
    assert match is not None
    found = models.at_place(own.models, match)
    assert {one.row.old_district for one in found} == {"Uông Bí"}
    assert {"Phường Phương Đông", "Phường Yên Thanh", None} == {one.row.old_unit for one in found}


def test_the_two_communes_of_one_name_are_kept_apart(own: Content) -> None:
    here, there = own.gazetteer.best("xã Thanh Sơn, Ba Chẽ"), own.gazetteer.best("phường Thanh Sơn, Uông Bí")
    assert here is not None and there is not None
    named = {one.row.old_unit for one in models.at_place(own.models, there)}
    assert "Xã Thanh Sơn" not in named
    assert "Xã Thanh Sơn" in {one.row.old_unit for one in models.at_place(own.models, here)}


def test_models_are_told_with_their_years_and_who_led(own: Content) -> None:
    match = own.gazetteer.best("phường Hưng Đạo, Đông Triều")
    assert match is not None
    told = models.tell(models.at_place(own.models, match), match, "phường Hưng Đạo (Đông Triều)")
    assert told.startswith("Giai đoạn 2021-2023, phường Hưng Đạo (Đông Triều) có mô hình")
    assert "khi đó do" in told


def test_only_those_with_a_refuge_or_left_open_count_as_one(own: Content) -> None:
    match = own.gazetteer.best("xã Đông Xá")
    assert match is not None
    assert models.shelters(models.at_place(own.models, match)) == []


def test_models_of_all_districts_are_no_models_of_one_place(own: Content) -> None:
    assert {"Lớp bơi miễn phí cho trẻ em", "Hội đồng trẻ em"} <= {model.name for model in models.everywhere(own.models)}


def test_every_place_of_every_model_is_known_to_the_gazetteer(own: Content) -> None:
    for model in own.models:
        for row in model.places:
            if row.level == "commune" and row.old_unit and row.now:
                match = own.gazetteer.best(f"{row.old_unit} cũ, {row.old_district}")
                assert match is not None and match.now == row.now, (model.id, row.as_written)
                assert model in [one.model for one in models.at_place(own.models, match)]
