"""What the desk calls things: Vietnamese words for the codes of the contract, and for moments and spans of time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from helpline.clock import local

LEVELS = {"urgent": "Khẩn cấp", "concern": "Cần quan tâm", "none": "Thông tin"}

CATEGORIES = {
    "physical_abuse": "Bạo lực thân thể",
    "sexual_abuse": "Xâm hại tình dục",
    "emotional_abuse": "Bạo lực tinh thần",
    "neglect": "Bỏ mặc, xao nhãng",
    "domestic_violence": "Bạo lực gia đình",
    "self_harm": "Ý nghĩ tự làm hại mình",
    "online_abuse": "Xâm hại trên mạng",
    "trafficking": "Mua bán người",
    "child_labour": "Lao động trẻ em",
    "child_marriage": "Tảo hôn, ép kết hôn",
    "bullying": "Bắt nạt, bạo lực học đường",
    "missing": "Lạc, mất tích",
    "danger": "Tai nạn, nguy hiểm",
    "distress": "Buồn khổ, áp lực",
    "counsellor_request": "Muốn gặp tư vấn viên",
}

WHO = {
    "self_child": "Trẻ em kể về mình",
    "self_adult": "Người lớn kể về mình",
    "third_party": "Kể về người khác",
    "unknown": "Chưa rõ ai gặp chuyện",
}

CHANNELS = {"web": "Web", "telegram": "Telegram", "zalo": "Zalo"}

STATUSES = {  # how a piece of evidence is meant; "present" needs no word
    "present": "",
    "negated": "nói là không có",
    "hypothetical": "nói giả sử",
    "past": "chuyện đã qua",
    "other_person": "chuyện của người khác",
    "fiction": "chuyện trong phim, truyện",
}

KINDS = {  # what a message without words was; texts and taps need no word
    "text": "",
    "button": "bấm nút",
    "sticker": "nhãn dán",
    "image": "ảnh",
    "voice": "tin thoại",
    "location": "vị trí",
    "edit": "sửa tin trước",
    "other": "loại tin khác",
}

DELIVERY = {
    "waiting": "Đang chờ gửi",
    "sending": "Đang gửi",
    "sent": "Đã gửi",
    "refused": "Không gửi được",
    "dropped": "Đã bỏ, người nhắn không nhận",
}

ALARM_STAGES = {0: "", 1: "Quá 2 phút chưa ai nhận", 2: "Quá 5 phút, cần giám sát", 3: "Quá 10 phút, gọi danh sách trực"}

ROLES = {"counsellor": "Tư vấn viên", "supervisor": "Giám sát", "editor": "Biên tập viên", "admin": "Quản trị"}

OUTCOMES = {  # how a case ended; the code is kept, 32 characters at most
    "advised": "Đã tư vấn, tạm ổn",
    "referred_child_line": "Đã chuyển tổng đài bảo vệ trẻ em",
    "referred_police": "Đã chuyển công an",
    "referred_commune": "Đã chuyển UBND xã, phường, đặc khu",
    "referred_health": "Đã chuyển cơ sở y tế",
    "referred_sunshine_house": "Đã chuyển Ngôi nhà Ánh Dương",
    "referred_social_centre": "Đã chuyển Trung tâm Trợ giúp xã hội Quảng Ninh",
    "no_reply": "Người nhắn không trả lời nữa",
    "mistaken": "Nhầm hoặc thử, không có chuyện",
    "other": "Kết thúc khác, xem ghi chú",
}

ACTIONS = {  # of the audit rows
    "case.open": "Mở trường hợp",
    "case.raise": "Nâng mức độ",
    "case.take": "Tiếp nhận",
    "case.read": "Xem cuộc trò chuyện",
    "case.write": "Trả lời người nhắn",
    "case.close": "Kết thúc",
    "case.back": "Về hàng chờ",
    "case.transfer": "Chuyển người khác",
    "case.withdraw": "Người nhắn rút lại",
    "case.escalate": "Báo động lên bậc",
    "message.keep": "Nhận tin",
    "messages.forget": "Xóa tin quá hạn",
    "staff.add": "Thêm người dùng",
    "staff.deactivate": "Ngừng người dùng",
    "staff.reset_password": "Cấp lại mật khẩu",
    "staff.change_password": "Đổi mật khẩu",
    "staff.login": "Đăng nhập",
    "staff.login_failed": "Đăng nhập sai",
    "staff.locked": "Tạm khóa đăng nhập",
    "staff.logout": "Đăng xuất",
    "shift.start": "Vào ca trực",
    "shift.end": "Hết ca trực",
    "kb.write": "Viết mục kiến thức",
    "kb.submit": "Gửi duyệt mục kiến thức",
    "kb.publish": "Đăng mục kiến thức",
    "kb.send_back": "Trả lại bản chờ duyệt",
    "kb.drop": "Bỏ bản nháp",
    "kb.retire": "Ngừng dùng mục kiến thức",
    "kb.restore": "Xin quay lại bản cũ",
    "kb.confirm": "Ghi là vẫn đúng",
    "kb.misses": "Xem câu chưa trả lời được",
    "kb.dismiss": "Bỏ qua câu chưa trả lời được",
    "import.check": "Kiểm tệp nhập",
    "import.load": "Nhập tệp",
    "import.undo": "Hoàn tác lần nhập",
    "import.discard": "Bỏ tệp chưa nhập",
    "service.withdraw": "Gỡ một nơi",
}

IMPORTED = {  # counts and kinds in the audit rows of imports
    "good": "đúng",
    "refused": "từ chối",
    "new": "mới",
    "updated": "cập nhật",
    "rows": "dòng",
    "kept": "giữ lại",
    "services": "địa chỉ, nơi giúp đỡ",
    "swim": "lớp bơi",
    "document": "văn bản",
}


def moment(at: datetime, now: datetime) -> str:
    """A moment on the wall clock of Quảng Ninh: ``20:15`` today, ``22/11 20:15`` this year, else with the year."""
    there, here = local(at), local(now)
    if there.date() == here.date():
        return there.strftime("%H:%M")
    return there.strftime("%d/%m %H:%M" if there.year == here.year else "%d/%m/%Y %H:%M")


def day(when: date) -> str:
    """A day in full: ``23/11/2026``."""
    return when.strftime("%d/%m/%Y")


def span(length: timedelta) -> str:
    """How long, as people say it: ``45 giây``, ``3 phút``, ``1 giờ 5 phút``, ``2 ngày``. Never negative."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} giây"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} phút"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} giờ {minutes} phút" if minutes else f"{hours} giờ"
    return f"{hours // 24} ngày"
