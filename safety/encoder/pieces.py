"""Text as the encoder's pieces of words, as its engine cuts it; needed for tuning alone."""
from __future__ import annotations

from safety.encoder.weights import Vocabulary

PREFIX = "query: "
_SPACE, _MARK = 0x20, "\u2581"
_NEVER = -1e30


class Pieces:
    """The unigram cut: of all ways to cut a text into known pieces the likeliest."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._scores = vocabulary.scores.tolist()
        self._unknown_score = min(self._scores) - 10

    def numbers(self, text: str, most: int = 510) -> list[int]:
        """Numbers of the pieces of ``text`` behind the query prefix, at most ``most``, between begin and end."""
        known = self._vocabulary
        codes: list[int] = []
        for char in PREFIX + text:
            for code in known.normal.get(ord(char), (ord(char),)):
                if code != _SPACE or not codes or codes[-1] != _SPACE:
                    codes.append(code)
        if not codes or codes[0] != _SPACE:
            codes.insert(0, _SPACE)
        chars = [(_MARK if code == _SPACE else chr(code)).encode() for code in codes]
        starts = [0]
        for letter in chars:
            starts.append(starts[-1] + len(letter))
        found = self._cut(b"".join(chars), starts)
        return [known.begin, *found[:most], known.end]

    def _cut(self, written: bytes, starts: list[int]) -> list[int]:
        known, scores = self._vocabulary, self._scores
        count = len(starts) - 1
        best = [0.0] + [_NEVER] * count
        way = [(0, 0)] * (count + 1)
        for at in range(count):
            for end in range(at + 1, count + 1):
                if starts[end] - starts[at] > known.longest:
                    break
                piece = known.pieces.get(written[starts[at] : starts[end]])
                if piece is not None and piece != known.unknown and best[at] + scores[piece] > best[end]:
                    best[end], way[end] = best[at] + scores[piece], (piece, at)
            if best[at] + self._unknown_score > best[at + 1]:
                best[at + 1], way[at + 1] = best[at] + self._unknown_score, (known.unknown, at)
        found: list[int] = []
        at = count
        while at > 0:
            piece, at = way[at]
            found.append(piece)
        return found[::-1]
