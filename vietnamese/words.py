"""Word segmentation by underthesea, loaded on first use and not needed by anything else in this package."""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache


def words(text: str) -> list[str]:
    """The words of ``text``, syllables of one word joined by a space ("trẻ em"), in order.

    Meant for text with accents; text without them comes back cut at less certain places. Without underthesea each
    syllable is a word.
    """
    if not text.strip():
        return []
    return list(_segmenter()(text))


@lru_cache(maxsize=1)
def _segmenter() -> Callable[[str], list[str]]:
    try:
        from underthesea import word_tokenize
    except ImportError:
        return str.split
    return word_tokenize
