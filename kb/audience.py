"""Who is writing: a child, an adult, or somebody on duty; told from how one writes, never from what is suffered."""

from __future__ import annotations

import re

from kb.schema import Audience
from vietnamese.accents import has_accents
from vietnamese.normal import normalise

CHILD_UNTIL = 18  # years; a sender of 16 or 17 is spoken to like a child too

_OFFICIAL = re.compile(
    r"\b(?:kính gửi|đồng chí|(?:tôi|em|mình|e|tui|chúng tôi)(?: mới| vừa| đang)? (?:là|làm|nhận) "
    r"(?:\w+ )?(?:cán bộ|công chức|chuyên viên|công an|trưởng (?:khu|thôn|bản|trạm)|tổ trưởng|bí thư|chi hội|chủ tịch|cộng tác viên|"
    r"tư pháp|vhxh|văn hóa xã hội|tổng phụ trách|hiệu (?:trưởng|phó)|hòa giải)|"
    r"(?:phường|xã|ubnd|đơn vị|sở|trường|cơ quan|ban) (?:chúng tôi|mình cần|tôi cần|tôi đang)|tham mưu|trích yếu|"
    r"phần căn cứ|dự toán|nghiệm thu|giao ban|biểu mẫu|cán bộ (?:phụ trách )?(?:xã|phường|trẻ em|hội|lđ|vhxh|tư pháp))\b"
)
_OFFICIAL_PLAIN = re.compile(
    r"\b(?:kinh gui|dong chi|(?:toi|em|minh|chung toi) (?:la|lam) (?:can bo|cong chuc|chuyen vien|cong an|truong (?:khu|thon|ban)|"
    r"to truong|bi thu|chi hoi|cong tac vien|hieu truong|hieu pho)|tham muu|trich yeu)\b"
)
_ADULT = re.compile(
    r"\b(?:tôi|tui|"
    r"con (?:gái |trai |nuôi |đầu |út )?(?:tôi|em|mình|nhà|chị|anh|tớ)|"
    r"(?:bé|cháu|con) (?:nhà|gái nhà|trai nhà|nội|ngoại|gái nội|trai nội|thứ|đầu|út|lớn|nhỏ)|"
    r"chồng|vợ|cháu (?:nội|ngoại|tôi|em|mình)|hai cháu|các cháu|nhà (?:em|chị|tôi) có (?:bé|cháu|con)|"
    r"con (?:được )?\d+ (?:tuổi|tháng)|bé (?:được )?\d+|nuôi con|đẻ|bầu|sinh bé|phụ huynh)\b"
)
_ADULT_PLAIN = re.compile(
    r"\b(?:toi|tui|con (?:gai |trai |nuoi )?(?:toi|em|minh|nha)|(?:be|chau) (?:nha|noi|ngoai)|chong|nuoi con|"
    r"be (?:duoc )?\d+|phu huynh|vo toi|vo em)\b"
)
_CHILD = re.compile(
    r"\b(?:(?:con|cháu|em|mình|tớ|e) (?:đang |mới |năm nay |vừa )?(?:học|lên) (?:lớp|cấp)|(?:con|cháu|em|tớ) (?:năm nay )?(?:được )?(?:\d+|mười \w+) tuổi|"
    r"(?:bố|mẹ|ba|má|bà|ông|anh|chị|cô giáo|thầy|lớp|trường|bạn|bạn bè) (?:của )?(?:con|cháu|em|tớ|mình)\b(?! (?:tôi|nhà))|"
    r"(?:con|cháu|tớ) (?:sợ|muốn|hỏi|ghét|buồn|ngại|xin)|bọn (?:con|cháu|em|tớ)|"
    r"cho (?:con|cháu) hỏi|(?:con|cháu) (?:chào|cảm ơn)|(?:cô|chú|bác) ơi)\b"
)
_CHILD_PLAIN = re.compile(
    r"\b(?:(?:con|chau|em|minh|to) (?:dang |moi |nam nay )?(?:hoc|len) (?:lop|cap)|(?:con|chau|em) (?:nam nay )?\d+ tuoi|"
    r"(?:bo|me|co giao|thay|lop|truong) (?:con|chau|em)\b|(?:con|chau) (?:so|muon|ghet|buon)|bon (?:con|chau|em)|"
    r"cho (?:con|chau) hoi)\b"
)
_GROWN = re.compile(r"\b(?:1[89]|[2-9]\d) tuoi\b")  # "mẹ em 78 tuổi" is asked by a grown-up child


def tell(text: str, age: int | None = None) -> Audience | None:
    """Who writes, or None where nothing shows it. ``age`` in years is the sender's own, where it is known."""
    normal = normalise(text)
    accented = has_accents(text)
    if (_OFFICIAL if accented else _OFFICIAL_PLAIN).search(normal.text if accented else normal.plain):
        return Audience.OFFICIAL
    adult = (_ADULT if accented else _ADULT_PLAIN).search(normal.text if accented else normal.plain)
    child = (_CHILD if accented else _CHILD_PLAIN).search(normal.text if accented else normal.plain)
    if adult and not (child and child.start() < adult.start() and not _strong_adult(adult.group())):
        return Audience.ADULT
    if child and not _GROWN.search(normal.plain):
        return Audience.CHILD
    if age is not None:
        return Audience.CHILD if age < CHILD_UNTIL else Audience.ADULT
    return None


def _strong_adult(words: str) -> bool:
    return words.split()[0] in ("tôi", "tui", "toi", "vợ", "chồng", "vo", "chong")
