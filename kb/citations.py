"""Citations as the contract writes them: ``56/2017/NĐ-CP, Điều 25 khoản 1``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.errors import CitationError
from kb.schema import Citation, Source


def written(citation: Citation, sources: Mapping[str, Source]) -> str:
    """One citation as a string. Raises `CitationError` when its source is not listed."""
    source = sources.get(citation.source)
    if source is None:
        raise CitationError(f"{citation.source}: no such source in sources.yml")
    return f"{source.cite}, {citation.section}" if citation.section else source.cite


def all_written(citations: Iterable[Citation], sources: Mapping[str, Source]) -> tuple[str, ...]:
    """Citations in their order, each once. Raises `CitationError` like `written`."""
    return tuple(dict.fromkeys(written(citation, sources) for citation in citations))
