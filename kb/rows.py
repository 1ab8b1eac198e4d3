"""The shapes of the lists in `kb/content`: models, duties, benefits, places and so on; one model for each kind of row."""

from __future__ import annotations

from datetime import date

from pydantic import Extra, validator

from kb.schema import Citation, Shape, Validity


class Cited(Shape):
    """What every row of fact has: an id of its list, what it rests on, and the day that it speaks for."""

    id: str
    citations: tuple[Citation, ...]
    as_of: date

    @validator("citations")
    def _rests_on_something(cls, citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
        if not citations:
            raise ValueError("a fact without its source")
        return citations


class ModelPlace(Shape):
    """A place of a model: as the letter writes it, the old unit, and today's units (none where unknown)."""

    as_written: str
    level: str  # commune, district, school, province
    old_unit: str | None
    old_district: str | None
    now: tuple[str, ...]
    note: str | None
    district_in_letter: bool = True


class Model(Cited):
    """A model or club of its years; ``today`` says where to ask now. None in a yes/no: the letter does not say."""

    name: str
    field: str
    topics: tuple[str, ...]
    activities: str
    scope: str
    places: tuple[ModelPlace, ...]
    lead_then: str
    period: str
    section: str
    has_trusted_address: bool | None
    has_shelter: bool | None
    hotline: bool | None
    hotline_note: str | None = None
    today: str
    note: str | None
    validity: Validity


class Yearly(Shape):
    start: str  # month-day, "06-01"
    end: str
    launch: str | None
    theme: str | None


class Dates(Shape):
    start: date | None
    end: date | None
    words: str | None = None


class Campaign(Cited):
    name: str
    topics: tuple[str, ...]
    yearly: Yearly | None
    in_2024: Dates | None
    what: str
    who: str
    section: str
    validity: Validity
    note: str | None


class Report(Cited):
    """A reporting duty of 2024. ``today`` is what can be said of it now."""

    what: str
    who: str
    deadline_2024: date | None
    deadline_words: str
    frequency: str | None
    to_then: str
    legal_basis: tuple[Citation, ...] | None
    section: str
    today: str
    confirmed_today: bool
    validity: Validity
    note: str | None


class Successor(Cited):
    """An old body, what took over from it, and the door for people. ``old_exists`` False: never named as a place to go."""

    old: tuple[str, ...]
    kind: str
    old_exists: bool | None
    new: str | None
    since: date | None
    since_words: str
    confirmed: bool
    confidence: str
    door: str | None
    note: str | None


class ConflictReading(Shape):
    text: str
    section: str | None


class Conflict(Cited):
    """Two readings of the letter and the verdict. For editors only: never shown to senders."""

    what: str
    readings: tuple[ConflictReading, ...]
    verdict: str
    evidence: str | None
    severity: str
    confidence: str
    rule: str | None


class Amount(Shape):
    vnd: int
    per: str
    where: str | None = None


class Policy(Cited):
    topic: str
    name: str
    scope: str
    who: str
    what: str
    amount: tuple[Amount, ...] | None
    formula: str | None
    confirmed: bool
    validity: Validity
    replaced_by: str | None
    note: str | None


class Penalty(Cited):
    """A fine, in đồng, for one act. No amount found: both None and ``amount`` says so.

    ``asked``: patterns over accent-free questions that name the act; ``<family>`` and ``<outsider>`` stand for the
    lists of `words.yml`. Without any the row is never told by itself.
    """

    topic: str
    act: str
    asked: tuple[str, ...] = ()
    who: str
    min_vnd: int | None
    max_vnd: int | None
    amount: str
    extra_measures: str | None
    validity: Validity
    replaced_by: str | None
    note: str | None


class Standard(Cited):
    """A standard of social assistance, đồng a month, from ``since`` to ``until`` (the last day; None: open)."""

    scope: str  # national, quang_ninh
    place: str  # any, community, facility
    since: date
    until: date | None
    vnd: int
    confirmed: bool
    validity: Validity
    note: str | None


class Coefficient(Cited):
    topic: str
    who: str
    age_min: int | None
    age_max_exclusive: int | None
    coefficient: float
    national_540k_vnd: int
    quang_ninh_700k_vnd: int
    confirmed: bool
    validity: Validity


class BenefitRule(Shape):
    formula: str
    said_with: str
    several_groups: str
    local: str
    decided_by: str
    citations: tuple[Citation, ...]
    note: str | None


class Benefits(Shape):
    standards: tuple[Standard, ...]
    coefficients: tuple[Coefficient, ...]
    rule: BenefitRule


class Indicator(Cited):
    set: str
    group: str
    code: str | None
    name: str | None
    by: tuple[str, ...] | None
    validity: Validity
    confidence: str
    note: str | None


class Term(Shape):
    id: str
    short: tuple[str, ...]
    full: str
    note: str | None


class SwimProgramme(Cited):
    """The free class as the letter tells it. Ages in full years, ``age_max_exclusive`` not included."""

    name: str
    who: tuple[str, ...]
    age_min: int
    age_max_exclusive: int
    free: bool
    content: str
    teachers: str
    scope: str
    lead_then: str
    period: str
    kept_in: str
    section: str
    today: str
    not_in_source: tuple[str, ...]
    validity: Validity


class SwimSeen(Cited):
    what: str


class SwimClass(Shape):
    """A class that a commune or an organiser has announced. ``commune``: a present unit."""

    id: str
    name: str
    organiser: str
    place: str
    commune: str
    address: str | None = None
    starts: date | None = None
    ends: date | None = None
    schedule: str | None = None
    age_min: int | None = None
    age_max_exclusive: int | None = None
    free: bool | None = None
    for_whom: str | None = None
    places: int | None = None
    enrol: str | None = None
    contact_role: str | None = None
    phone_key: str | None = None
    phone: str | None = None
    source: str
    last_checked: date
    validity: Validity


class Swim(Shape):
    programmes: tuple[SwimProgramme, ...]
    seen_since: tuple[SwimSeen, ...]
    classes: tuple[SwimClass, ...]


class Service(Shape):
    """A trusted address, shelter, office, club or contact that a commune has confirmed and made public.

    ``scope``: whom it serves, with ``district`` a former one; ``valid_to`` is its last day.
    """

    id: str
    kind: str  # one of kb.services.KINDS
    name: str
    commune: str | None
    scope: str = "commune"  # commune, district, province
    district: str | None = None
    address: str | None
    phone: str | None = None
    hours: str | None = None
    contact_role: str | None = None
    for_whom: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str
    last_checked: date
    validity: Validity


class AskedThen(Cited):
    what: str
    today: str
    validity: Validity


class DoNotRefer(Cited):
    name: str
    why: str


class Services(Shape):
    rows: tuple[Service, ...]
    asked_in_2024: tuple[AskedThen, ...]
    do_not_refer: tuple[DoNotRefer, ...]


class CommuneRow(Shape):
    old: str
    now: tuple[str, ...]
    split: bool = False


class Traced(Shape):
    source: str
    as_of: str
    confidence: str
    note: str | None = None


class DistrictRow(Traced):
    name: str
    type_before_2025_07_01: str
    aliases_in_seed_and_common: tuple[str, ...]
    communes: tuple[CommuneRow, ...]


class MergedRow(Traced):
    old: str
    into: str
    district: str
    effective: str


class UnitRow(Traced):
    name: str
    code: str
    from_whole: tuple[str, ...]
    from_part: tuple[str, ...] = ()


class SeedPlaceRow(Traced):
    seed_place: str
    district_then: str
    section: str
    now: tuple[str, ...]


class AmbiguousRow(Traced):
    name: str
    readings: tuple[str, ...]


class PlacesMeta(Shape):
    aliases_province: tuple[str, ...]
    province_name_now: str

    class Config(Shape.Config):
        extra = Extra.ignore  # notes of the research, for editors


class PlacesFile(Shape):
    """`places.yml`: the old districts and communes, the present units, and what is known of names that mislead."""

    meta: PlacesMeta
    district_units_before_2025_07_01: tuple[DistrictRow, ...]
    merged_2024: tuple[MergedRow, ...]
    units_now: tuple[UnitRow, ...]
    seed_places_now: tuple[SeedPlaceRow, ...]
    ambiguous_names: tuple[AmbiguousRow, ...]

    class Config(Shape.Config):
        extra = Extra.ignore  # package_verdict, usage_rules, merged_2024_note: for editors
