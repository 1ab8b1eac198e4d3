"""A document into its sections: PDF, DOCX or text; Chương, Mục, Điều, Khoản, Phụ lục, or the I., 1., 1.1. of letters.

A heading counts only where it begins a line, and an article, clause or number only where it follows the one before, so
that "Điều 5 của Luật này" in the middle of a sentence that was broken over two lines makes no section.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import docx
import pypdf
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from pypdf.errors import PyPdfError

from kb.importing import guard
from kb.importing.errors import FileRefused
from kb.importing.tables import clean, decode, strange

MOST_PAGES = 400
MOST_LETTERS = 2_000_000  # code points of a document's whole text
LONG = 1200  # code points from which an article is taken clause by clause
TITLE = 120  # code points up to which the line of an article may be its title alone
LEAD = 300  # code points of the words before clause 1 that are said again with each clause

_RENDERED, _BREAK, _TEXT = "w:lastRenderedPageBreak", 'w:br[@w:type="page"]', qn("w:t")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_END = r"(?=$|[\s.:;,–—-])"
_REST = r"[\s.:–—-]*(?P<rest>.*)$"
_APPENDIX = re.compile(rf"^phụ lục(?:\s+(?:số\s*)?(?P<number>[IVXLC]+|\d{{1,3}}[a-zA-Z]?)){_END}{_REST}", re.IGNORECASE)
_PART = re.compile(rf"^phần\s+(?P<number>thứ\s+\w+|[IVXLC]+|\d{{1,2}}){_END}{_REST}", re.IGNORECASE)
_CHAPTER = re.compile(rf"^chương\s+(?P<number>[IVXLC]+|\d{{1,3}}){_END}{_REST}", re.IGNORECASE)
_SECTION = re.compile(rf"^(?P<word>tiểu mục|mục)\s+(?P<number>[IVXLC]+|\d{{1,3}}){_END}{_REST}", re.IGNORECASE)
_ARTICLE = re.compile(r"^điều\s+(?P<number>\d{1,3})(?P<letter>[a-zđ]?)\s*(?:[.:]\s*(?P<rest>.*))?$", re.IGNORECASE)
_CLAUSE = re.compile(r"^(?:khoản\s+)?(?P<number>\d{1,2})(?P<letter>[a-zđ]?)\s*[.:]\s+(?P<rest>\S.*)$", re.IGNORECASE)
_LETTERED = re.compile(r"^(?P<number>[A-H])\s*[.)/]\s+(?P<rest>\S.*)$")
_ROMANS = re.compile(r"^(?P<number>[IVX]{1,5})\s*[.)/]\s*(?P<rest>\S.*)$")
_NUMBERS = re.compile(r"^(?P<number>\d{1,2}(?:\.\d{1,2}){0,2})\s*[.)/]?\s+(?P<rest>\S.*)$")
_REFERS = re.compile(r"^(?:chương|điều|phần|mục|khoản|luật|nghị|này|của|và|kèm|nêu|theo|thuộc|trên|dưới)\b", re.IGNORECASE)
_CLOSES = re.compile(r"^nơi nhận\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"^(?:trang\s*)?[-–]?\s*\d{1,4}\s*(?:/\s*\d{1,4})?\s*[-–]?$", re.IGNORECASE)
_POINT = re.compile(r"^(?:[-+•*]|[a-zđ]\s?\)|\d{1,2}(?:\.\d{1,2})*[.)])\s", re.IGNORECASE)
_SENTENCE_END = (".", ";", ":", "!", "?", "”", '"')

logging.getLogger("pypdf").setLevel(logging.ERROR)  # its warnings are about the file, which gets its own refusal


@dataclass(frozen=True)
class Piece:
    """A line or paragraph. ``page``: from 1; None where the file does not tell."""

    text: str
    page: int | None = None


@dataclass(frozen=True)
class Section:
    """A part that can be cited. ``path``: "Điều 25 khoản 1", "Phụ lục 03 A.I.1"; ``heading``: its title, if any;
    ``page``: where it begins."""

    path: str
    heading: str
    text: str
    page: int | None = None


@dataclass
class _Open:
    """A section that is still being read."""

    path: str
    heading: str
    page: int | None
    lines: list[Piece] = field(default_factory=list)
    article: bool = False


# reading


def read(data: bytes) -> list[Piece]:
    """The lines of a document, told by its first bytes and not by its name. Raises `FileRefused`, also for a scan."""
    guard.size(data)
    if data.startswith(guard.PDF):
        pieces = _pdf(data)
    elif data.startswith(guard.ZIP):
        pieces = _docx(data)
    elif data.startswith(guard.OLD_OFFICE):
        raise FileRefused("Đây là tệp Word đời cũ (.doc) hoặc có mật khẩu. Bạn bỏ mật khẩu, lưu lại dạng .docx.")
    else:
        pieces = _text(decode(data))
    pieces = [Piece(text, piece.page) for piece in pieces if (text := clean(piece.text))]
    letters = "".join(piece.text for piece in pieces)
    if sum(char.isalpha() for char in letters) < 20:
        raise FileRefused("Tệp không có chữ đọc được, có lẽ là bản quét (ảnh chụp). Cần bản có chữ, hoặc tệp Word.")
    if len(letters) > MOST_LETTERS:
        raise FileRefused("Văn bản quá dài. Bạn tách thành nhiều tệp.")
    odd = sum(1 for piece in pieces if strange(piece.text))
    if odd > len(pieces) // 4:
        raise FileRefused("Chữ trong tệp bị sai bảng mã (phông cũ như .VnTime, VNI). Bạn chuyển sang Unicode rồi lưu lại.")
    return pieces


def _pdf(data: bytes) -> list[Piece]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise FileRefused("Tệp PDF có mật khẩu. Bạn bỏ mật khẩu rồi lưu lại.")
        if len(reader.pages) > MOST_PAGES:
            raise FileRefused(f"Tệp PDF dài hơn {MOST_PAGES} trang. Bạn tách thành nhiều tệp.")
        pages, letters = [], 0
        for page in reader.pages:
            text = page.extract_text() or ""
            letters += len(text)
            if letters > MOST_LETTERS:
                raise FileRefused("Văn bản quá dài. Bạn tách thành nhiều tệp.")
            pages.append([clean(line) for line in text.splitlines()])
    except (
        PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, NotImplementedError,
        RecursionError, OverflowError, zlib.error, struct.error, OSError,
    ) as error:  # fmt: skip  # what a broken file makes the library raise
        raise FileRefused("Không đọc được tệp PDF này. Bạn mở ra, in lại thành PDF (có chữ) rồi thử lại.") from error
    return _joined(_without_running_lines(pages))


def _without_running_lines(pages: list[list[str]]) -> list[Piece]:
    """Lines of all pages without page numbers and without what stands at the top or bottom of most pages."""
    edges = Counter(line for page in pages for line in {*page[:2], *page[-2:]} if line)
    running = {line for line, count in edges.items() if len(pages) >= 4 and count > len(pages) // 2}
    pieces = []
    for number, page in enumerate(pages, 1):
        for at, line in enumerate(page):
            edge = at < 2 or at >= len(page) - 2
            if line and not (edge and (line in running or _PAGE_NUMBER.match(line))):
                pieces.append(Piece(line, number))
    return pieces


def _joined(lines: Sequence[Piece]) -> list[Piece]:
    """Paragraphs out of lines that were broken where the page ended: a line goes on with the next one unless a sentence
    ends, or the next one begins a heading or a point."""
    joined: list[Piece] = []
    for line in lines:
        before = joined[-1] if joined else None
        goes_on = (
            before is not None
            and not before.text.endswith(_SENTENCE_END)
            and not _begins(line.text)
            and not _is_heading_line(before.text)
            and not line.text.isupper()
            and not (_ARTICLE.match(before.text) and len(before.text) < TITLE and line.text[:1].isupper())
        )
        if goes_on and before is not None:
            joined[-1] = Piece(f"{before.text} {line.text}", before.page)
        else:
            joined.append(line)
    return joined


def _begins(line: str) -> bool:
    patterns = (_APPENDIX, _PART, _CHAPTER, _SECTION, _ARTICLE, _LETTERED, _ROMANS, _POINT, _CLOSES)
    return any(pattern.match(line) for pattern in patterns)


def _is_heading_line(line: str) -> bool:
    return any(pattern.match(line) for pattern in (_APPENDIX, _PART, _CHAPTER, _SECTION)) or line.isupper()


def _docx(data: bytes) -> list[Piece]:
    guard.zipped(data, "word/document.xml")
    try:
        return list(_paragraphs(io.BytesIO(data)))
    except (OpcError, KeyError, ValueError, TypeError, AttributeError, SyntaxError, IndexError, OSError) as error:
        raise FileRefused("Không mở được tệp Word này. Bạn mở bằng Word, lưu lại dạng .docx rồi thử lại.") from error


def _paragraphs(stream: io.BytesIO) -> Iterator[Piece]:
    """Paragraphs and tables in their order; pages where Word noted its page breaks in the file."""
    document = docx.Document(stream)
    body = document.element.body
    kinds = (_RENDERED, _BREAK)  # Word's own notes of where pages began; else the breaks that the writer put in
    kind = next((one for one in kinds if body.xpath(f".//{one}")), None)
    page = 1
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            breaks = set(block._p.xpath(f".//{kind}")) if kind else set()
            start = None
            for node in block._p.iter() if breaks else ():
                page += node in breaks
                if start is None and node.tag == _TEXT and (node.text or "").strip():
                    start = page
            for line in block.text.split("\n"):
                yield Piece(line, (start or page) if kind else None)
        elif isinstance(block, Table):
            for row in block.rows:
                cells = list(dict.fromkeys(cell.text.replace("\n", " ").strip() for cell in row.cells))
                yield Piece(" | ".join(cell for cell in cells if cell), page if kind else None)


def _text(text: str) -> list[Piece]:
    pages = text.split("\f")
    return [
        Piece(line, number if len(pages) > 1 else None)
        for number, page in enumerate(pages, 1)
        for line in page.splitlines()
    ]


# sections


def sections(pieces: Sequence[Piece]) -> list[Section]:
    """The parts of a document that can be cited, in order. Words before the first heading make none; a document with no
    heading at all is one section, "toàn văn"."""
    articles = any(_ARTICLE.match(piece.text) for piece in pieces)
    reader = _Articles() if articles else _Numbers()
    for piece in pieces:
        reader.take(piece)
    found = [one for part in reader.parts for one in _finished(part)]
    if not found:
        return [Section("toàn văn", "", "\n".join(piece.text for piece in pieces), pieces[0].page)] if pieces else []
    return found


class _Reader:
    """Takes a document line by line. What stands under a heading belongs to it until the next one."""

    _reopens = False  # whether something may follow the addressees beside appendices

    def __init__(self) -> None:
        self.parts: list[_Open] = []
        self._appendix = ""
        self._closed = False  # after "Nơi nhận": signatures and addressees, until an appendix begins

    def take(self, piece: Piece) -> None:
        if (match := _APPENDIX.match(piece.text)) and _may_head(match["rest"], piece.text):
            self._appendix, self._closed = f"Phụ lục {match['number']}", False
            self._restart()
            self._begin(self._appendix, match["rest"], piece)
        elif _CLOSES.match(piece.text):
            self._closed = True
        elif (self._reopens or not self._closed) and self._heading(piece):
            self._closed = False
        elif self.parts and not self._closed:
            self.parts[-1].lines.append(piece)

    def _begin(self, path: str, rest: str | None, piece: Piece, article: bool = False) -> None:
        self.parts.append(_Open(path, (rest or "").strip(" .:–—-"), piece.page, article=article))

    def _restart(self) -> None:
        raise NotImplementedError

    def _heading(self, piece: Piece) -> bool:
        raise NotImplementedError


class _Articles(_Reader):
    """Laws, decrees, decisions: Điều; chapters and the like only carry their own words. Articles that begin again at 1
    are those of what is enclosed."""

    _reopens = True

    def __init__(self) -> None:
        super().__init__()
        self._last = 0
        self._enclosed = 0
        self._chapter = ""

    def _restart(self) -> None:
        self._last, self._chapter = 0, ""

    def _heading(self, piece: Piece) -> bool:
        if match := _ARTICLE.match(piece.text):
            return self._article(piece, match)
        for pattern, word in ((_PART, "Phần"), (_CHAPTER, "Chương"), (_SECTION, "")):
            match = pattern.match(piece.text)
            if match and _may_head(match["rest"], piece.text):
                name = f"{word or match['word'].capitalize()} {match['number']}"
                if pattern is _SECTION:
                    path = f"{self._chapter} {name}".strip()
                else:
                    self._chapter = path = name
                self._begin(self._prefixed(path), match["rest"], piece)
                return True
        return False

    def _article(self, piece: Piece, match: re.Match[str]) -> bool:
        number = int(match["number"])
        if number < self._last or (number == self._last and not match["letter"]):
            if number != 1:
                return False  # an article of another text, quoted
            self._enclosed += 1
        if match["rest"] is None and self.parts and not self.parts[-1].lines and self._last and number != self._last + 1:
            return False
        self._last = number
        self._begin(self._prefixed(f"Điều {match['number']}{match['letter']}"), match["rest"], piece, article=True)
        return True

    def _prefixed(self, path: str) -> str:
        enclosed = "" if not self._enclosed else "văn bản kèm theo" if self._enclosed == 1 else f"văn bản kèm theo {self._enclosed}"
        return ", ".join(part for part in (self._appendix or enclosed, path) if part)


class _Numbers(_Reader):
    """Letters, plans, guidance: A., I., 1., 1.1., each only where it follows the one before."""

    def __init__(self) -> None:
        super().__init__()
        self._restart()

    def _restart(self) -> None:
        self._letter, self._roman, self._number = "", "", ""

    def _heading(self, piece: Piece) -> bool:
        text = piece.text
        if (match := _SECTION.match(text) or _CHAPTER.match(text) or _PART.match(text)) and _may_head(match["rest"], text):
            word = text.split()[0].lower()
            self._restart()
            self._begin(self._prefixed(f"{word} {match['number']}"), match["rest"], piece)
            return True
        if (match := _ROMANS.match(text)) and _roman(match["number"]) == _roman(self._roman) + 1:
            self._roman, self._number = match["number"], ""
        elif (match := _LETTERED.match(text)) and ord(match["number"]) == (ord(self._letter) + 1 if self._letter else 65):
            self._letter, self._roman, self._number = match["number"], "", ""
        elif (match := _NUMBERS.match(text)) and _follows(self._number, match["number"]):
            self._number = match["number"]
        else:
            return False
        path = ".".join(part for part in (self._letter, self._roman, self._number) if part)
        self._begin(self._prefixed(path if self._appendix else f"mục {path}"), match["rest"], piece)
        return True

    def _prefixed(self, path: str) -> str:
        return f"{self._appendix} {path}".strip()


def _may_head(rest: str | None, line: str) -> bool:
    """Whether a line that begins like a heading is one, and not the middle of a sentence."""
    rest = (rest or "").strip()
    if len(line) > 250 or _REFERS.match(rest):
        return False
    return not rest or rest[0] in "(“\"" or rest[0].isupper() or rest[0].isdigit()


def _follows(before: str, number: str) -> bool:
    """Whether a number is the next one: 1, 2, 2.1, 2.2, 3."""
    old = [int(part) for part in before.split(".")] if before else [0]
    new = [int(part) for part in number.split(".")]
    if len(new) == len(old) + 1:
        return new[:-1] == old and new[-1] == 1
    if len(new) > len(old):
        return False
    return new[:-1] == old[: len(new) - 1] and new[-1] == old[len(new) - 1] + 1


def _roman(letters: str) -> int:
    values = [_ROMAN[letter] for letter in letters]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def _finished(part: _Open) -> Iterator[Section]:
    """A section without empty ones, its clauses apart where it is a long article."""
    heading, lines = part.heading, list(part.lines)
    while lines and not part.article and lines[0].text.isupper():
        heading = f"{heading} {lines.pop(0).text}".strip()
    if not lines and not (part.article or _sentence(heading)):
        return
    if part.article and len(heading) > 160:  # an article without a title begins with its text
        heading, lines = "", [Piece(heading, part.page), *lines]
    if lines and heading and (lines[0].text[0].islower() or lines[0].text[0].isdigit() and not _CLAUSE.match(lines[0].text)):
        heading, lines = "", [Piece(f"{heading} {lines[0].text}", part.page), *lines[1:]]  # it was no title but a sentence
    whole = Section(part.path, heading, "\n".join(line.text for line in lines) or heading, part.page)
    clauses = list(_clauses(part.path, heading, lines)) if part.article and len(whole.text) > LONG else []
    yield from clauses or [whole]


def _sentence(heading: str) -> bool:
    """A numbered line that stands alone says something of its own when it is longer than a title."""
    return len(heading) > 60


def _clauses(path: str, heading: str, lines: Sequence[Piece]) -> Iterator[Section]:
    """The clauses of an article, none where it has fewer than two. Short words before the first stand with each."""
    last, lead, found = 0, [], []
    for line in lines:
        match = _CLAUSE.match(line.text)
        if match and (int(match["number"]) == last + 1 or (match["letter"] and int(match["number"]) == last)):
            last = int(match["number"])
            found.append(_Open(f"{path} khoản {match['number']}{match['letter']}", heading, line.page, [line]))
        elif found:
            found[-1].lines.append(line)
        else:
            lead.append(line)
    if last < 2:
        return
    before = "\n".join(line.text for line in lead)
    if len(before) > LEAD:
        yield Section(path, heading, before, lead[0].page)
        before = ""
    for one in found:
        text = "\n".join(line.text for line in one.lines)
        yield Section(one.path, heading, f"{before}\n{text}".strip(), one.page)
