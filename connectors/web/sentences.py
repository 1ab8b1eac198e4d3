"""What the door itself says when it cannot take something; numbers by their names in `helpline.hotlines`."""

from __future__ import annotations

from helpline.hotlines import fill

TOO_FAST = (
    "Tin đến nhanh quá nên mình đọc chưa kịp. Bạn chờ một chút, trang sẽ tự gửi lại. "
    "Cần gấp: {child_line} (miễn phí, gọi được ngay lúc này) hoặc {province_line}."
)
TOO_LARGE = (
    "Tin này dài quá nên mình chưa nhận được. Bạn chia thành vài tin ngắn rồi gửi lại nhé. "
    "Cần gấp: {child_line} (miễn phí, gọi được ngay lúc này) hoặc {province_line}."
)
UNREADABLE = (
    "Mình chưa đọc được tin này. Bạn nhắn lại bằng chữ giúp mình nhé. "
    "Cần gấp: {child_line} (miễn phí, gọi được ngay lúc này) hoặc {province_line}."
)
UNKNOWN_PAGE = (
    "Trang này cần mở lại. Bạn tải lại trang rồi nhắn tiếp nhé. "
    "Cần gấp: {child_line} (miễn phí, gọi được ngay lúc này) hoặc {province_line}."
)


def say(sentence: str) -> str:
    """The sentence with its numbers."""
    return fill(sentence)
