"""Files from outside, before any library opens them: how large they are, and what a zip file really holds."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from kb.importing.errors import FileRefused

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024  # of all members of a zip file together, as they really unpack
MOST_MEMBERS = 1000
MOST_CELLS = 200_000  # of all sheets, empty ones with a format included
MOST_MERGED = 50_000  # cells that lie in merged ranges

ZIP, OLD_OFFICE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-"

_CHUNK = 256 * 1024
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})[\"']")
_MERGED_TAG = re.compile(rb"<(?:\w+:)?mergeCell[\s/>]")
_BROKEN = "Tệp bị hỏng, không mở được. Bạn mở bằng Excel hoặc Word, lưu lại rồi thử lại."


@dataclass
class _Seen:
    """What the sheets have held so far."""

    cells: int = 0
    merged: int = 0


def size(data: bytes) -> None:
    """Raises `FileRefused` for an empty file and for one that is too large."""
    if not data:
        raise FileRefused("Tệp trống.")
    if len(data) > MOST_BYTES:
        raise FileRefused(f"Tệp lớn hơn {MOST_BYTES // (1024 * 1024)} MB. Bạn chia thành nhiều tệp nhỏ.")


def zipped(data: bytes, must_have: str) -> None:
    """Look through a zip file (XLSX, DOCX) without trusting what it says of itself. Raises `FileRefused`.

    ``must_have``: the member by which the kind of file is known. Refused are bombs, passwords, XML that declares
    entities, sheets with more cells or merged ranges than a list can have.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if must_have not in {member.filename for member in members}:
                raise FileRefused("Tệp không đúng loại: đuôi tệp một đằng, bên trong một nẻo.")
            if len(members) > MOST_MEMBERS:
                raise FileRefused("Tệp có quá nhiều phần bên trong, không giống tệp do Excel hay Word lưu.")
            if any(member.flag_bits & 0x1 for member in members):
                raise FileRefused("Tệp có mật khẩu. Bạn bỏ mật khẩu rồi lưu lại.")
            _members(archive, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise FileRefused(_BROKEN) from error


def _members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    unpacked, seen = 0, _Seen()
    for member in members:
        name = member.filename.lower()
        held = bytearray()
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                if unpacked > MOST_UNPACKED:
                    raise FileRefused("Tệp bung ra quá lớn. Bạn xóa hình ảnh, các trang và dòng thừa rồi lưu lại.")
                if name.endswith((".xml", ".rels", ".vml")):
                    held += chunk
        if _DECLARES.search(held) or b"\x00" in held:
            raise FileRefused("Tệp có phần khai báo lạ bên trong, không giống tệp do Excel hay Word lưu.")
        if "worksheets/" in name:
            _sheet(bytes(held), seen)


def _sheet(held: bytes, seen: _Seen) -> None:
    seen.cells += len(_CELL.findall(held))
    if seen.cells > MOST_CELLS:
        raise FileRefused(
            f"Tệp có hơn {MOST_CELLS} ô (kể cả ô trống có kẻ khung, tô màu). Bạn xóa các dòng, cột trống rồi lưu lại."
        )
    ranges = _MERGED.findall(held)
    for left, top, right, bottom in ranges:
        seen.merged += (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom) - int(top)) + 1)
    if seen.merged > MOST_MERGED or len(ranges) != len(_MERGED_TAG.findall(held)):
        raise FileRefused("Tệp có vùng ô gộp quá lớn. Bạn bỏ gộp ô (Unmerge Cells) rồi lưu lại.")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
