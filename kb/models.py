"""Models and clubs of the letter, by place: told as what there was in their years, with today's door beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.places import PlaceKind, PlaceMatch, spoken
from kb.rows import Model, ModelPlace
from kb.wording import say

_DISTRICT_WIDE = ("13 huyện", "các huyện")


@dataclass(frozen=True)
class At:
    """A model at a place: ``row`` is the place as the letter names it."""

    model: Model
    row: ModelPlace

    @property
    def where(self) -> str:
        """The place in a sentence, with its old district: "phường Hưng Đạo (Đông Triều)"."""
        if self.row.level == "school":
            return self.row.as_written.replace(" -  ", ", ").replace(" - ", ", ")
        if self.row.old_unit is None:
            return spoken(self.row.as_written)
        home = f" ({self.row.old_district})" if self.row.old_district else ""
        return spoken(self.row.old_unit) + home


def when(period: str) -> str:
    """A period in a sentence: "Giai đoạn 2021-2023", "Từ năm 2020 về trước"."""
    return f"Giai đoạn {period}" if period[:4].isdigit() and "-" in period else "Từ năm 2020 về trước"


def at_place(models: Iterable[Model], place: PlaceMatch) -> list[At]:
    """The models that the letter names at a place: of an old commune its own, of a present unit those of its old parts,
    of an old district all in it. A model of a whole district counts for each of its communes."""
    found = [At(model, row) for model in models for row in model.places if _is_there(row, place)]
    exact = [one for one in found if one.row.level != "district" or place.kind is PlaceKind.DISTRICT_OLD]
    return exact + [one for one in found if one not in exact]


def _is_there(row: ModelPlace, place: PlaceMatch) -> bool:
    if row.level == "province":
        return False
    if place.kind is PlaceKind.DISTRICT_OLD:
        return row.old_district == place.district
    if row.level == "district":
        return bool(set(place.now) & set(row.now)) and (place.district is None or place.district == row.old_district)
    if place.kind is PlaceKind.COMMUNE_OLD and not place.ambiguous:
        return row.old_unit == place.name and row.old_district == place.district
    return bool(set(place.now) & set(row.now))


def everywhere(models: Iterable[Model]) -> list[Model]:
    """The models of all districts of their time."""
    return [model for model in models if not model.places and model.scope.startswith(_DISTRICT_WIDE)]


def shelters(found: Iterable[At]) -> list[At]:
    """Those that had a trusted address or a shelter, and the violence models that the letter leaves open."""
    return [one for one in found if one.model.has_trusted_address is not False or one.model.has_shelter is not False]


def tell(found: Sequence[At], place: PlaceMatch, place_said: str, most: int = 4) -> str:
    """The models of a place in words, each with its years; nothing about today: the caller names the door."""
    if not found:
        return say("models.none", place=place_said)
    if len(found) == 1:
        one = found[0]
        named = "" if "nêu tên" in one.model.lead_then else say("models.lead", lead=one.model.lead_then)
        where = place_said if _is_all(one, place) else one.where
        return say("models.one", when=when(one.model.period), place=where, model=short(one.model), lead=named)
    rows = []
    for one in found[:most]:
        years = when(one.model.period)[:1].lower() + when(one.model.period)[1:]
        where = years if _is_all(one, place) else f"{one.where}, {years}"
        rows.append(say("models.several_row", model=short(one.model), when=where))
    return say("models.several", place=place_said[:1].upper() + place_said[1:], models="; ".join(rows))


def short(model: Model) -> str:
    """A model's name without the remark in brackets."""
    return model.name.split(" (đợt")[0]


def _is_all(one: At, place: PlaceMatch) -> bool:
    """The model's place is the very one that was asked about."""
    return one.row.level == "commune" and one.row.old_unit == place.name or (
        one.row.level == "district" and place.kind is PlaceKind.DISTRICT_OLD
    )
