"""A screen for tests of what stands behind it: a word decides the level."""

from __future__ import annotations

from collections.abc import Sequence

from safety.assessment import Assessment, Category, Evidence, Level, Who


class WordScreen:
    """``đánh`` is urgent, ``buồn`` a concern, ``gặp người thật`` a wish for a person, ``cổ lọ`` a soft check."""

    def __init__(self) -> None:
        self.histories: list[list[str]] = []

    def assess(self, text: str, history: Sequence[str] = ()) -> Assessment:
        self.histories.append(list(history))
        if "đánh" in text:
            return verdict(Level.URGENT, Category.PHYSICAL_ABUSE, Who.SELF_CHILD)
        if "gặp người thật" in text:
            return verdict(Level.CONCERN, Category.COUNSELLOR_REQUEST, Who.UNKNOWN)
        if "buồn" in text:
            return verdict(Level.CONCERN, Category.DISTRESS, Who.SELF_CHILD)
        return verdict(Level.NONE, None, None, check="cổ lọ" in text)


def verdict(level: Level, category: Category | None, who: Who | None, check: bool = False) -> Assessment:
    evidence = () if level is Level.NONE else (Evidence("test.word", "word", 0, 4),)
    return Assessment(
        level=level,
        check=check,
        category=category,
        who=who,
        score=0.0 if level is Level.NONE else 0.9,
        evidence=evidence,
        version="test",
        partial=False,
    )

    def knows_more(self, than: Assessment) -> bool:
        return False
