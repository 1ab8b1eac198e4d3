"""Vietnamese text: normal forms, accents, syllables, typing habits, words. Knows nothing of the helpline."""
from vietnamese.accents import has_accents, strip_accents
from vietnamese.normal import NormalText, normalise

__all__ = ["NormalText", "has_accents", "normalise", "strip_accents"]
