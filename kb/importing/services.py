"""The list of places that help: trusted addresses, shelters, offices, clubs, contacts."""

from __future__ import annotations

from kb.documents import day
from kb.importing.cells import EXAMPLE, RowReader
from kb.importing.columns import Column
from kb.importing.rows import ListKind, NewRow
from kb.services import KINDS, LOOK_AGAIN_DAYS

_NAMES = {
    "trusted_address": ("địa chỉ tin cậy ở cộng đồng", "địa chỉ tin cậy tại cộng đồng", "ĐCTC"),
    "shelter": ("điểm tạm lánh", "nơi tạm lánh", "cơ sở tạm lánh", "tạm lánh"),
    "social_work_office": ("trung tâm công tác xã hội", "trung tâm trợ giúp xã hội", "văn phòng CTXH", "trung tâm CTXH"),
    "commune_office": ("UBND", "UBND xã", "UBND phường", "UBND đặc khu", "trụ sở UBND", "ủy ban nhân dân"),
    "model_club": ("mô hình", "câu lạc bộ", "CLB", "mô hình CLB"),
    "contact_point": ("đầu mối", "cán bộ đầu mối", "liên hệ"),
}
_KINDS = {kind: (label, *_NAMES[kind]) for kind, label in KINDS.items()}
_SCOPES = {
    "commune": ("xã, phường, đặc khu", "xã", "phường", "đặc khu", "cấp xã"),
    "district": ("huyện cũ", "huyện", "thị xã", "thành phố cũ", "khu vực", "cấp huyện cũ"),
    "province": ("cả Quảng Ninh", "toàn tỉnh", "cả tỉnh", "tỉnh", "toàn thành phố", "Quảng Ninh"),
}

COLUMNS = (
    Column("kind", "Loại", ("loại hình", "loại nơi", "phân loại"), True,
           "Chọn một loại trong danh sách.", "Địa chỉ tin cậy", 24, tuple(names[0] for names in _KINDS.values())),
    Column("name", "Tên", ("tên nơi", "tên địa chỉ", "tên gọi", "tên cơ sở", "tên đơn vị", "tên mô hình"), True,
           "Tên đã công khai. Hai nơi cùng loại trong một xã phải có tên khác nhau.", f"{EXAMPLE}: Nhà văn hóa khu 3", 34),
    Column("commune", "Xã, phường, đặc khu", ("xã", "phường", "xã phường", "xã/phường", "đơn vị", "địa bàn", "xã phường thị trấn"),
           False, "Tên hiện nay. Tên cũ cũng được, ghi kèm huyện cũ; nơi đã chia đôi thì phải ghi tên hiện nay.", "Phường Hà Tu", 24),
    Column("district", "Huyện cũ", ("huyện", "huyện thị xã thành phố", "huyện/thị xã/thành phố cũ", "cấp huyện cũ", "huyện (cũ)"),
           False, "Chỉ cần khi tên xã trùng nhau, hoặc nơi này phục vụ cả một huyện cũ.", "", 16),
    Column("scope", "Phục vụ", ("phạm vi", "phạm vi phục vụ"), False,
           "Để trống là xã, phường ở cột bên. Hoặc: huyện cũ; cả Quảng Ninh.", "", 20, tuple(names[0] for names in _SCOPES.values())),
    Column("address", "Địa chỉ", ("địa điểm", "nơi ở", "số nhà", "địa chỉ cụ thể"), False,
           "Thôn, khu, số nhà đã công khai. Địa chỉ tin cậy và UBND bắt buộc có.", "Khu 3, phường Hà Tu", 32),
    Column("phone", "Điện thoại", ("số điện thoại", "sđt", "đt", "điện thoại liên hệ", "số đt", "tel"), False,
           "Số công khai của chính nơi này, định dạng Văn bản để giữ số 0. Mỗi ô một số; không ghi các đường dây chung.", "", 16),
    Column("hours", "Giờ mở cửa", ("giờ", "giờ trực", "thời gian", "giờ làm việc"), False,
           "Ví dụ: 24/7; giờ hành chính.", "Giờ hành chính", 18),
    Column("contact_role", "Người phụ trách", ("chức danh", "đầu mối phụ trách", "người liên hệ"), False,
           "Ghi chức danh, không ghi tên riêng.", "Chi hội trưởng phụ nữ khu", 24),
    Column("for_whom", "Dành cho ai", ("đối tượng", "dành cho", "đối tượng phục vụ"), False, "Ví dụ: phụ nữ, trẻ em bị bạo lực.", "", 24),
    Column("valid_from", "Từ ngày", ("hiệu lực từ", "có hiệu lực từ ngày", "bắt đầu"), False, "Để trống nếu đang mở.", "", 13),
    Column("valid_to", "Đến ngày", ("hết hiệu lực", "có hiệu lực đến ngày", "kết thúc", "hạn"), False,
           "Ngày cuối còn dùng, nếu có. Quá ngày này Tia Nắng thôi không nói nữa.", "", 13),
    Column("source", "Nguồn xác nhận", ("nguồn", "đơn vị xác nhận", "ai xác nhận", "cơ quan cung cấp"), True,
           "Ai xác nhận nơi này, ví dụ UBND phường Hà Tu.", "UBND phường Hà Tu", 26),
    Column("last_checked", "Ngày kiểm tra", ("kiểm tra ngày", "ngày xác nhận", "ngày kiểm tra gần nhất", "cập nhật ngày"), True,
           f"Ngày gần nhất có người hỏi lại. Quá {LOOK_AGAIN_DAYS} ngày thì Tia Nắng thôi không nói nữa.", "", 15),
)  # fmt: skip


def read(line: RowReader) -> NewRow | None:
    """The place of a line; None where something in it is refused."""
    kind = line.choice("kind", _KINDS, needed=True)
    name = line.text("name", 160, needed=True, least=2)
    scope = line.choice("scope", _SCOPES) or "commune"
    where = line.where("commune", "district", wider=scope != "commune")
    address = line.text("address", 240, least=3)
    phone = line.phone("phone")
    hours = line.text("hours", 120)
    details = {"contact_role": line.role("contact_role", 120), "for_whom": line.text("for_whom", 160)}
    valid_from, valid_to = line.day("valid_from"), line.day("valid_to")
    source = line.text("source", 160, needed=True, least=4)
    last_checked = line.checked_on("last_checked", LOOK_AGAIN_DAYS)
    line.address_fits("address", address, where)
    if valid_to and valid_to < line.rules.today:
        line.refuse("valid_to", f"Đã hết hạn ngày {day(valid_to)}.", "Xóa dòng này, hoặc ghi hạn mới.")
    if valid_to and valid_from and valid_to < valid_from:
        line.refuse("valid_to", "Đến ngày đứng trước từ ngày.", "Sửa một trong hai ngày.")
    if not line.refusals:
        _can_be_reached(line, kind, scope, where is not None and where.district is not None, address, phone)
    if line.refusals or kind is None or name is None or source is None or last_checked is None:
        return None
    return NewRow(
        kind=kind,
        scope=scope,
        commune=where.commune if where else None,
        district=_served(line, scope, where.commune if where else None, where.district if where else None),
        name=name,
        address=address,
        phone=phone,
        hours=hours,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
        last_checked=last_checked,
        details={key: value for key, value in details.items() if value},
    )


def _can_be_reached(
    line: RowReader, kind: str | None, scope: str, has_district: bool, address: str | None, phone: str | None
) -> None:
    """A place that is told must be one to go to or to call."""
    if kind in ("trusted_address", "commune_office") and not address:
        line.refuse("address", "Còn trống.", "Điền địa chỉ đã công khai.")
    elif not address and not phone:
        line.refuse("address", "Chưa có địa chỉ và cũng chưa có số điện thoại.", "Điền ít nhất một trong hai.")
    if scope == "district" and not has_district and not line.row.cell("district").text:
        line.refuse("district", "Phục vụ huyện cũ mà chưa ghi huyện nào.", "Điền tên huyện, thị xã, thành phố cũ.")


def _served(line: RowReader, scope: str, commune: str | None, district: str | None) -> str | None:
    """The former district that a place serves: the one that is named, also where its commune is told too."""
    if scope != "district" or district:
        return district if scope == "district" else None
    match = line.rules.content.gazetteer.resolve(line.row.cell("district").text)
    return match.district if match else None


SERVICES = ListKind(
    "services",
    "Địa chỉ và nơi giúp đỡ",
    "Địa chỉ tin cậy, nhà tạm lánh, văn phòng, câu lạc bộ, đầu mối của từng xã, phường, đặc khu.",
    COLUMNS,
    read,
)
