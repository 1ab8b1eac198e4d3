"""The shapes of content: one model for each file of `kb/content`. Unknown keys are refused, so no field is lost unseen."""

from __future__ import annotations

import datetime
import enum
from typing import Any

from pydantic import BaseModel, Extra, Field, validator


class Audience(enum.StrEnum):
    CHILD = "child"
    ADULT = "adult"
    OFFICIAL = "official"


class Validity(enum.StrEnum):
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    UNCONFIRMED = "unconfirmed"
    CONFLICT = "conflict"


class Shape(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False
        anystr_strip_whitespace = True


class Citation(Shape):
    """``source`` is an id of sources.yml; ``section`` the place in it ("Điều 25 khoản 1", "Phụ lục 03 A.I.1")."""

    source: str
    section: str | None = None


class Entry(Shape):
    """One thing that people ask, and its answer. Telephone numbers stand in it as placeholders only."""

    id: str = Field(regex=r"^[a-z_]+\.[a-z0-9_]+$")
    topic: str
    title: str = Field(min_length=3, max_length=160)
    audience: tuple[Audience, ...]
    questions: tuple[str, ...]
    short: str = Field(min_length=1)
    child: str | None = None
    more: str | None = None
    citations: tuple[Citation, ...] = ()
    as_of: datetime.date
    review_by: datetime.date
    validity: Validity
    replaced_by: str | None = None
    readings: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @validator("audience", "questions")
    def _some(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if not values or not all(values):
            raise ValueError("at least one is wanted, and none empty")
        return values

    @validator("topic")
    def _under_its_topic(cls, topic: str, values: dict[str, Any]) -> str:
        own = str(values.get("id", "")).split(".", 1)[0]
        if own and own != topic:
            raise ValueError(f"the id says {own!r}, the topic {topic!r}")
        return topic


class Source(Shape):
    """What may be cited. ``cite`` is the citation string without its section. ``date`` is the right one;
    ``dates_in_letter`` are those that the letter prints where it errs or says two things."""

    id: str
    cite: str = Field(min_length=2)
    number: str | None
    kind: str
    issuer: str | None
    date: datetime.date | None
    date_note: str | None = None
    dates_in_letter: tuple[datetime.date, ...] = ()
    effective: datetime.date | None = None
    title: str
    field: str
    subjects: tuple[str, ...] = ()
    period: str | None = None
    listed_in: str | None = None
    validity: Validity
    replaced_by: str | None = None
    amended_by: tuple[str, ...] | None = None
    validity_note: str | None = None
    url: str | None = None
    as_of: datetime.date
