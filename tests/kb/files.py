"""Real files for the tests of importing: workbooks, tables of text, documents, a PDF made by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import docx
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = {  # of the services list, in the order of the tests' files
    "kind": "Loại",
    "name": "Tên",
    "commune": "Xã, phường, đặc khu",
    "district": "Huyện cũ",
    "scope": "Phục vụ",
    "address": "Địa chỉ",
    "phone": "Điện thoại",
    "hours": "Giờ mở cửa",
    "contact_role": "Người phụ trách",
    "for_whom": "Dành cho ai",
    "valid_from": "Từ ngày",
    "valid_to": "Đến ngày",
    "source": "Nguồn xác nhận",
    "last_checked": "Ngày kiểm tra",
}
SWIM_HEADINGS = {
    "name": "Tên lớp",
    "organiser": "Đơn vị tổ chức",
    "pool": "Bể bơi",
    "commune": "Xã, phường, đặc khu",
    "district": "Huyện cũ",
    "starts": "Khai giảng",
    "ends": "Kết thúc",
    "schedule": "Lịch học",
    "age_min": "Từ tuổi",
    "age_below": "Dưới tuổi",
    "free": "Miễn phí",
    "enrol": "Cách đăng ký",
    "phone": "Điện thoại",
    "source": "Nguồn xác nhận",
    "last_checked": "Ngày kiểm tra",
}
PLACE: Mapping[str, Any] = {  # a line that is right on 23/11/2026
    "kind": "Địa chỉ tin cậy",
    "name": "Nhà văn hóa khu 3",
    "commune": "Phường Hà Tu",
    "address": "Khu 3, phường Hà Tu",
    "phone": "0912 345 678",
    "source": "UBND phường Hà Tu",
    "last_checked": "20/11/2026",
}
CLASS: Mapping[str, Any] = {
    "name": "Lớp bơi xuân",
    "organiser": "UBND phường Hà Tu",
    "pool": "Bể bơi trường Hà Tu",
    "commune": "Phường Hà Tu",
    "starts": "01/12/2026",
    "ends": "20/12/2026",
    "age_min": "6",
    "age_below": "16",
    "free": "Có",
    "enrol": "Đăng ký tại UBND phường",
    "source": "UBND phường Hà Tu",
    "last_checked": "20/11/2026",
}


def grid(*rows: Mapping[str, Any], headings: Mapping[str, str] = HEADINGS) -> list[list[Any]]:
    """Headings and rows as a table."""
    return [list(headings.values()), *([row.get(key) for key in headings] for row in rows)]


def xlsx(table: Sequence[Sequence[Any]], change: Callable[[Worksheet], None] | None = None) -> bytes:
    book = Workbook()
    for row in table:
        book.active.append(list(row))
    if change:
        change(book.active)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def comma(table: Sequence[Sequence[Any]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return f'"{text}"' if separator in text or "\n" in text else text

    return "".join(separator.join(cell(value) for value in row) + "\r\n" for row in table).encode(encoding)


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """A zip file with one member put in or written over."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member.filename))
        new.writestr(name, content)
    return out.getvalue()


def member(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def pdf(*pages: Sequence[str]) -> bytes:
    """A PDF with text lines on its pages, in a font whose letters are told to be Vietnamese ones."""
    letters = sorted({char for page in pages for line in page for char in line})
    code = {char: f"{number:04x}" for number, char in enumerate(letters, 1)}
    mapping = "\n".join(f"<{code[char]}> <{char.encode('utf-16-be').hex()}>" for char in letters)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{mapping}\nendbfchar\nendcmap CMapName currentdict /CMap defineresource pop end end"
    )
    objects: list[bytes] = []

    def add(body: str, stream: str | None = None) -> int:
        data = body.encode()
        if stream is not None:
            raw = stream.encode()
            data = f"<< /Length {len(raw)} >>\nstream\n".encode() + raw + b"\nendstream"
        objects.append(data)
        return len(objects)

    add("<< /Type /Catalog /Pages 2 0 R >>")
    kids = " ".join(f"{6 + 2 * at} 0 R" for at in range(len(pages)))
    add(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    add("<< /Type /Font /Subtype /Type0 /BaseFont /T /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>")
    add("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /T /CIDSystemInfo << /Registry (A) /Ordering (I) /Supplement 0 >> /DW 500 >>")
    add("", cmap)
    for at, page in enumerate(pages):
        lines = "\n".join(f"1 0 0 1 50 {780 - 20 * n} Tm <{''.join(code[char] for char in line)}> Tj" for n, line in enumerate(page))
        add(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {7 + 2 * at} 0 R >>")
        add("", f"BT /F 12 Tf\n{lines}\nET")
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)
