"""All content of `kb/content`, read and checked against its shapes; nothing here knows a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kb.errors import ContentError
from kb.places import Gazetteer, OldCommune, OldDistrict
from kb.rows import (
    Benefits,
    Campaign,
    Conflict,
    Indicator,
    Model,
    Penalty,
    PlacesFile,
    Policy,
    Report,
    Services,
    Successor,
    Swim,
    Term,
)
from kb.schema import Entry, Source

FOLDER = Path(__file__).with_name("content")
_Row = TypeVar("_Row", bound=BaseModel)


@dataclass(frozen=True)
class Content:
    """What the files say. ``files`` names the file that an entry came from, for messages to its writer."""

    entries: tuple[Entry, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    models: tuple[Model, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    reports: tuple[Report, ...] = ()
    successors: tuple[Successor, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    policies: tuple[Policy, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    glossary: tuple[Term, ...] = ()
    benefits: Benefits | None = None
    swim: Swim | None = None
    services: Services | None = None
    places: PlacesFile | None = None
    gazetteer: Gazetteer = field(default_factory=lambda: Gazetteer((), ()))
    files: Mapping[str, str] = field(default_factory=dict)


def read(folder: Path = FOLDER) -> Content:
    """Every file of ``folder``. Raises `ContentError` with all the faults of all files at once.

    A file that is missing is an empty list; a key that is unknown, a field that is missing or wrong is a fault.
    """
    faults: list[str] = []
    entries: list[Entry] = []
    files: dict[str, str] = {}
    for path in sorted((folder / "entries").glob("*.yml")):
        name = f"entries/{path.name}"
        for entry in _rows(Entry, _yaml(path, name, faults), name, faults):
            if entry.topic != path.stem:
                faults.append(f"{name}: {entry.id}: topic: {entry.topic!r} does not belong into this file")
            if entry.id in files:
                faults.append(f"{name}: {entry.id}: id: stands in {files[entry.id]} too")
            files[entry.id] = name
            entries.append(entry)

    def rows(shape: type[_Row], file: str) -> tuple[_Row, ...]:
        return tuple(_rows(shape, _yaml(folder / file, file, faults), file, faults))

    def whole(shape: type[_Row], file: str) -> _Row | None:
        data = _yaml(folder / file, file, faults)
        return next(_rows(shape, [data], file, faults), None) if data else None

    places = whole(PlacesFile, "places.yml")
    content = Content(
        entries=tuple(entries),
        sources={source.id: source for source in rows(Source, "sources.yml")},
        models=rows(Model, "models.yml"),
        campaigns=rows(Campaign, "campaigns.yml"),
        reports=rows(Report, "reporting.yml"),
        successors=rows(Successor, "successors.yml"),
        conflicts=rows(Conflict, "conflicts.yml"),
        policies=rows(Policy, "policies.yml"),
        penalties=rows(Penalty, "penalties.yml"),
        indicators=rows(Indicator, "indicators.yml"),
        glossary=rows(Term, "glossary.yml"),
        benefits=whole(Benefits, "benefits.yml"),
        swim=whole(Swim, "swim_classes.yml"),
        services=whole(Services, "services.yml"),
        places=places,
        gazetteer=gazetteer(places) if places else Gazetteer((), ()),
        files=files,
    )
    if faults:
        raise ContentError(faults)
    return content


@lru_cache(maxsize=1)
def load() -> Content:
    """The product's own content, read once for the process. Raises `ContentError` like `read`."""
    return read()


def gazetteer(places: PlacesFile) -> Gazetteer:
    """The names of places ready for search."""
    districts = [
        OldDistrict(
            row.name,
            row.type_before_2025_07_01,
            tuple(OldCommune(commune.old, commune.now) for commune in row.communes),
            row.aliases_in_seed_and_common,
        )
        for row in places.district_units_before_2025_07_01
    ]
    unresolved = [(f"Xã {row.seed_place}", row.district_then) for row in places.seed_places_now if not row.now]
    return Gazetteer(districts, [unit.name for unit in places.units_now], places.meta.aliases_province, unresolved)


def _yaml(path: Path, name: str, faults: list[str]) -> Any:
    if not path.exists():
        return []
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "somewhere"
        faults.append(f"{name}: {where}: not YAML: {getattr(error, 'problem', error)}")
        return []


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _rows(shape: type[_Row], data: Any, name: str, faults: list[str]) -> Iterator[_Row]:
    if not isinstance(data, list):
        faults.append(f"{name}: a list of rows is wanted, not {type(data).__name__}")
        return
    seen: set[str] = set()
    for at, row in enumerate(data, 1):
        if not isinstance(row, dict):
            faults.append(f"{name}: row {at}: keys and values are wanted, not {type(row).__name__}")
            continue
        label = str(row.get("id") or f"row {at}")
        try:
            made = shape.parse_obj(row)
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(str(step) for step in fault["loc"])
                faults.append(f"{name}: {label}: {where}: {fault['msg']}")
            continue
        if "id" in row and shape is not Entry:
            if label in seen:
                faults.append(f"{name}: {label}: id: stands in this file twice")
            seen.add(label)
        yield made
