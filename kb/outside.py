"""Names of other provinces and cities, so that a sender from elsewhere is told so instead of being given our wards.

The 62 others of before 1 July 2025 and the cities that people say; the merged provinces of today keep names of this list.
Source: the list of provinces of the General Statistics Office (63 until 30 June 2025, 34 since).
"""

from __future__ import annotations

NAMES = tuple(
    name.strip()
    for name in """
    Hà Nội, Hải Phòng, Đà Nẵng, Cần Thơ, Huế, Thừa Thiên Huế, Hồ Chí Minh, Sài Gòn, An Giang, Bà Rịa, Vũng Tàu,
    Bạc Liêu, Bắc Giang, Bắc Kạn, Bắc Ninh, Bến Tre, Bình Dương, Bình Định, Bình Phước, Bình Thuận, Cà Mau, Cao Bằng,
    Đắk Lắk, Đắk Nông, Điện Biên, Đồng Nai, Đồng Tháp, Gia Lai, Hà Giang, Hà Nam, Hà Tĩnh, Hải Dương, Hậu Giang,
    Hòa Bình, Hưng Yên, Khánh Hòa, Nha Trang, Kiên Giang, Kon Tum, Lai Châu, Lạng Sơn, Lào Cai, Lâm Đồng, Đà Lạt,
    Long An, Nam Định, Nghệ An, Ninh Bình, Ninh Thuận, Phú Thọ, Phú Yên, Quảng Bình, Quảng Nam, Quảng Ngãi, Quảng Trị,
    Sóc Trăng, Sơn La, Tây Ninh, Thái Bình, Thái Nguyên, Thanh Hóa, Tiền Giang, Trà Vinh, Tuyên Quang, Vĩnh Long,
    Vĩnh Phúc, Yên Bái, Thủ Đức, Buôn Ma Thuột, Việt Trì, Tây Nguyên
    """.split(",")
)

SHORT = {  # typed form, without accents -> the name; written as a word of its own
    "hn": "Hà Nội",
    "hcm": "Hồ Chí Minh",
    "tphcm": "Hồ Chí Minh",
    "sg": "Sài Gòn",
    "hnoi": "Hà Nội",
    "hphong": "Hải Phòng",
}

WEAK = {  # also a person's name or plain words: only after a word of place, or with "tỉnh"
    "Huế", "An Giang", "Bình Dương", "Bình Định", "Bình Thuận", "Cao Bằng", "Hà Giang", "Hà Nam", "Hải Dương", "Hòa Bình",
    "Kiên Giang", "Long An", "Nam Định", "Ninh Bình", "Phú Thọ", "Phú Yên", "Sơn La", "Thái Bình", "Thanh Hóa", "Trà Vinh",
    "Vĩnh Long", "Yên Bái", "Tây Ninh", "Lạng Sơn", "Hà Tĩnh", "Bến Tre", "Khánh Hòa", "Bắc Ninh", "Long An", "Bạc Liêu",
}
