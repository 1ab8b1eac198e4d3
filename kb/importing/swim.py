"""The list of swim classes that communes and organisers have announced."""

from __future__ import annotations

from kb.documents import day
from kb.importing.cells import EXAMPLE, RowReader
from kb.importing.columns import Column
from kb.importing.rows import ListKind, NewRow
from kb.services import LOOK_AGAIN_DAYS, SWIM, name_key

OLDEST = 60  # years; classes for grown-ups are announced too
_YES_NO = {"yes": ("có", "miễn phí", "x", "yes"), "no": ("không", "có thu phí", "thu phí", "no")}

COLUMNS = (
    Column("name", "Tên lớp", ("tên", "lớp", "lớp bơi", "tên lớp bơi"), True, "Tên lớp như thông báo.", f"{EXAMPLE}: Lớp phổ cập bơi hè", 32),
    Column("organiser", "Đơn vị tổ chức", ("đơn vị mở lớp", "tổ chức", "cơ quan tổ chức"), True, "Ai mở lớp.", "UBND phường Hà Tu", 28),
    Column("pool", "Bể bơi", ("nơi học", "địa điểm", "bể", "địa điểm học", "điểm dạy"), True, "Học ở bể nào.", "Bể bơi trường tiểu học", 28),
    Column("commune", "Xã, phường, đặc khu", ("xã", "phường", "xã phường", "xã/phường", "địa bàn", "đơn vị"), True,
           "Tên hiện nay. Tên cũ cũng được, ghi kèm huyện cũ; nơi đã chia đôi thì phải ghi tên hiện nay.", "Phường Hà Tu", 24),
    Column("district", "Huyện cũ", ("huyện", "huyện (cũ)", "huyện thị xã thành phố"), False, "Chỉ cần khi tên xã trùng nhau.", "", 16),
    Column("address", "Địa chỉ", ("địa chỉ bể", "địa chỉ cụ thể"), False, "Thôn, khu, số nhà của bể.", "", 28),
    Column("starts", "Khai giảng", ("ngày khai giảng", "bắt đầu", "từ ngày", "ngày bắt đầu"), True, "Ngày học đầu tiên.", "", 13),
    Column("ends", "Kết thúc", ("ngày kết thúc", "bế giảng", "đến ngày"), True,
           "Ngày học cuối. Quá ngày này Tia Nắng thôi không nói nữa.", "", 13),
    Column("schedule", "Lịch học", ("lịch", "giờ học", "thời gian học", "buổi học"), False, "Ví dụ: sáng thứ 2, 4, 6.", "Sáng thứ 2, 4, 6", 22),
    Column("age_min", "Từ tuổi", ("tuổi từ", "tuổi nhỏ nhất", "độ tuổi từ"), False, "Tuổi nhỏ nhất được nhận.", "6", 10),
    Column("age_below", "Dưới tuổi", ("đến dưới tuổi", "tuổi dưới"), False, "Nhận các cháu dưới tuổi này.", "16", 10),
    Column("free", "Miễn phí", ("có miễn phí không", "học phí"), False, "Có hoặc không.", "Có", 12, ("Có", "Không")),
    Column("for_whom", "Dành cho ai", ("đối tượng", "dành cho"), False, "Nhóm được nhận, nếu có.", "", 24),
    Column("places", "Số chỗ", ("chỉ tiêu", "số học viên", "sĩ số"), False, "Số cháu nhận được.", "", 10),
    Column("enrol", "Cách đăng ký", ("đăng ký", "nơi đăng ký", "đăng ký ở đâu"), True, "Đăng ký ở đâu, thế nào.", "Đăng ký tại UBND phường", 28),
    Column("contact_role", "Người phụ trách", ("chức danh", "người liên hệ", "đầu mối"), False, "Ghi chức danh, không ghi tên riêng.", "", 24),
    Column("phone", "Điện thoại", ("số điện thoại", "sđt", "đt", "điện thoại liên hệ", "số đt"), False,
           "Số công khai để đăng ký, định dạng Văn bản để giữ số 0. Mỗi ô một số.", "", 16),
    Column("source", "Nguồn xác nhận", ("nguồn", "đơn vị xác nhận", "ai xác nhận"), True, "Ai báo lớp này.", "UBND phường Hà Tu", 26),
    Column("last_checked", "Ngày kiểm tra", ("kiểm tra ngày", "ngày xác nhận", "cập nhật ngày"), True, "Ngày gần nhất có người hỏi lại.", "", 15),
)  # fmt: skip


def read(line: RowReader) -> NewRow | None:
    """The class of a line; None where something in it is refused."""
    name = line.text("name", 160, needed=True, least=2)
    organiser = line.text("organiser", 160, needed=True, least=3)
    pool = line.text("pool", 160, needed=True, least=2)
    where = line.where("commune", "district")
    address = line.text("address", 240, least=3)
    starts, ends = line.day("starts", needed=True), line.day("ends", needed=True)
    ages = line.number("age_min", 3, OLDEST), line.number("age_below", 4, OLDEST + 1)
    free = line.choice("free", _YES_NO)
    enrol = line.text("enrol", 160, needed=True, least=3)
    details = {
        "organiser": organiser,
        "place": pool,
        "starts": starts.isoformat() if starts else None,
        "age_min": ages[0],
        "age_max_exclusive": ages[1],
        "free": None if free is None else free == "yes",
        "for_whom": line.text("for_whom", 160),
        "places": line.number("places", 1, 5000),
        "enrol": enrol,
        "contact_role": line.role("contact_role", 120),
    }
    schedule, phone = line.text("schedule", 120), line.phone("phone")
    source = line.text("source", 160, needed=True, least=4)
    last_checked = line.checked_on("last_checked", LOOK_AGAIN_DAYS)
    line.address_fits("address", address, where)
    if ends and ends < line.rules.today:
        line.refuse("ends", f"Lớp đã kết thúc ngày {day(ends)}.", "Xóa dòng này.")
    if starts and ends and ends < starts:
        line.refuse("ends", "Ngày kết thúc đứng trước ngày khai giảng.", "Sửa một trong hai ngày.")
    if ages[0] is not None and ages[1] is not None and ages[1] <= ages[0]:
        line.refuse("age_below", "“Dưới tuổi” phải lớn hơn “Từ tuổi”.", "Sửa một trong hai số.")
    if line.refusals or not (name and pool and where and where.commune and starts and ends and source and last_checked):
        return None
    return NewRow(
        kind=SWIM,
        scope="commune",
        commune=where.commune,
        district=None,
        name=name,
        address=address,
        phone=phone,
        hours=schedule,
        valid_from=None,
        valid_to=ends,
        source=source,
        last_checked=last_checked,
        details={key: value for key, value in details.items() if value is not None},
        apart=(name_key(pool), starts.isoformat()),
    )


SWIM_CLASSES = ListKind(
    "swim", "Lớp bơi", "Các lớp bơi mà xã, phường, đặc khu hay đơn vị tổ chức đã thông báo, mỗi lớp một dòng.", COLUMNS, read
)
