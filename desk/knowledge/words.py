"""What the editors' pages call things: topics, states, fields, and every rule of `kb.validate` in an editor's words."""

from __future__ import annotations

from helpline import hotlines
from kb.store import State
from kb.validate import Problem

TOPICS = {
    "hotline": "Số điện thoại cần gọi",
    "sunshine_house": "Ngôi nhà Ánh Dương",
    "trusted_address": "Địa chỉ tin cậy",
    "shelter": "Nhà tạm lánh",
    "swim_class": "Lớp bơi",
    "drowning_safety": "Phòng đuối nước",
    "injury_safety": "Phòng tai nạn, thương tích",
    "social_assistance": "Trợ giúp xã hội",
    "orphan_support": "Trẻ mồ côi",
    "disability_support": "Trẻ khuyết tật",
    "education_support": "Hỗ trợ học tập",
    "health_support": "Hỗ trợ y tế",
    "poor_household": "Hộ nghèo, cận nghèo",
    "child_fund": "Quỹ Bảo trợ trẻ em",
    "mental_health": "Sức khỏe tinh thần",
    "early_childhood": "Trẻ nhỏ",
    "child_rights": "Quyền trẻ em",
    "abuse_prevention": "Phòng ngừa xâm hại",
    "report_abuse": "Báo tin xâm hại",
    "school_violence": "Bạo lực học đường",
    "online_safety": "An toàn trên mạng",
    "child_labour": "Lao động trẻ em",
    "child_marriage": "Tảo hôn",
    "trafficking": "Mua bán người",
    "domestic_violence": "Bạo lực gia đình",
    "gender_equality": "Bình đẳng giới",
    "sexual_harassment": "Quấy rối tình dục",
    "penalties": "Mức xử phạt",
    "models": "Mô hình, câu lạc bộ",
    "child_participation": "Trẻ em tham gia ý kiến",
    "campaigns": "Tháng hành động, sự kiện",
    "documents": "Văn bản",
    "reporting": "Chế độ báo cáo",
    "organisation": "Cơ quan, đầu mối",
    "collaborators": "Cộng tác viên xã hội",
    "child_friendly_commune": "Xã, phường phù hợp với trẻ em",
    "child_data": "Số liệu về trẻ em",
    "bot_identity": "Tia Nắng là ai",
    "capabilities": "Tia Nắng giúp được gì",
    "privacy": "Riêng tư, xóa tin",
    "counsellor_request": "Gặp tư vấn viên",
    "feedback": "Góp ý",
    "small_talk": "Chuyện trò",
    "greeting": "Lời chào",
    "thanks": "Cảm ơn",
    "goodbye": "Tạm biệt",
}
STATES = {
    State.DRAFT: "Bản nháp",
    State.REVIEWED: "Chờ duyệt",
    State.PUBLISHED: "Đang dùng",
    State.RETIRED: "Ngừng dùng",
    State.DROPPED: "Đã bỏ",
}
AUDIENCES = {"adult": "Người lớn", "child": "Trẻ em", "official": "Cán bộ"}
VALIDITIES = {
    "in_force": "Đang có hiệu lực",
    "superseded": "Đã có cái khác thay",
    "expired": "Đã hết thời gian",
    "unconfirmed": "Chưa xác nhận được",
    "conflict": "Các nguồn nói khác nhau",
}
FIELDS = {
    "topic": "Chủ đề",
    "title": "Tên mục",
    "audience": "Dành cho",
    "questions": "Câu hỏi mẫu",
    "short": "Câu trả lời ngắn",
    "child": "Bản cho trẻ em",
    "more": "Xem thêm",
    "citations": "Nguồn",
    "as_of": "Đúng vào ngày",
    "review_by": "Xem lại trước ngày",
    "validity": "Hiệu lực",
    "replaced_by": "Được thay bằng",
    "readings": "Các cách nói khác nhau",
    "related": "Mục liên quan",
}
AUTHORS = {"content": "Tệp nội dung", "system": "Hệ thống"}

FAULTS = {
    "source_unknown": "Nguồn “{about}” không có trong danh mục. Bạn chọn một nguồn trong danh sách gợi ý.",
    "source_missing": "Câu này có vẻ nêu một điều có văn bản. Bạn ghi nguồn, hoặc bỏ qua nếu không có gì cần nguồn.",
    "number_misprinted": "Đây là số in nhầm trong hướng dẫn 2024, không được viết ra. Bạn xóa số và bấm nút “{button}”.",
    "number_written": "Bạn đang gõ thẳng số {about}. Hãy xóa số ấy và bấm nút “{button}” để chèn; khi số đổi, mọi câu đổi theo.",
    "number_foreign": "Số {about} không có trong danh bạ của Tia Nắng nên không viết vào câu được. Bạn xóa số ấy và bấm một trong các nút số: {buttons}.",
    "number_unknown": "Không có số nào tên là {{{about}}}. Bạn xóa chữ trong ngoặc nhọn và bấm một trong các nút số: {buttons}.",
    "number_barred": "Số tên {{{about}}} không dùng nữa. Bạn xóa chữ trong ngoặc nhọn và bấm một trong các nút số: {buttons}.",
    "too_long": "Dài quá ({about} chữ cái). Bạn viết gọn lại, phần kỹ hơn để ở Xem thêm.",
    "topic_unknown": "Chủ đề này không có. Bạn chọn trong danh sách.",
    "review_too_early": "Ngày xem lại phải sau ngày của thông tin.",
    "entry_unknown": "Không có mục nào tên là “{about}” đang dùng. Bạn chọn trong danh sách gợi ý, hoặc xóa dòng này.",
    "points_to_itself": "Mục này đang dẫn tới chính nó. Bạn bỏ dòng ấy đi.",
    "replacement_missing": "Đã chọn “Đã có cái khác thay” thì cần ghi cái thay là gì.",
    "readings_missing": "Đã chọn “Các nguồn nói khác nhau” thì cần ghi ít nhất hai cách nói, mỗi dòng một cách.",
    "dead_door": "Câu này chỉ người ta đến “{about}”, nơi không còn nữa. Bạn chỉ đến UBND xã, phường hoặc đặc khu.",
    "fine_unknown": "Mức phạt “{about}” không có trong danh mục mức phạt. Bạn kiểm tra lại; nếu văn bản mới có mức này, báo người giữ danh mục thêm vào trước.",
    "fine_old": "Mức phạt “{about}” đã hết hiệu lực. Bạn ghi mức đang áp dụng, hoặc nói rõ đây là mức trước đây.",
    "sentence_long": "Câu dài quá 20 tiếng, trẻ khó đọc: “{about}” Bạn ngắt thành hai câu nhé.",
    "title_taken": "Tên này giống tên của mục “{about}”. Bạn đặt tên khác để người nhắn phân biệt được.",
    "question_taken": "Câu hỏi “{about}” đã có ở mục “{other}”. Mỗi câu chỉ để ở một mục.",
}


def name_of(line: hotlines.Hotline) -> str:
    """What the button of a number is called."""
    return f"{line.number} {line.short_name}"


def lines() -> list[hotlines.Hotline]:
    """The numbers that may be put into a text, in the order of their file."""
    return [line for line in hotlines.load().values() if not line.do_not_use]


def said(problem: Problem) -> str:
    """A fault that `kb.validate` found, as a sentence beside the field."""
    buttons = {line.number: name_of(line) for line in lines()}
    wanted = "province_line" if problem.code == "number_misprinted" else ""
    button = name_of(hotlines.load()[wanted]) if wanted else buttons.get(problem.about, "")
    return FAULTS[problem.code].format(about=problem.about, button=button, buttons=", ".join(f"“{name}”" for name in buttons.values()))


def author(actor: str, names: dict[int, str]) -> str:
    """Who wrote or decided, by name."""
    kind, _, number = actor.partition(":")
    if kind == "staff" and number.isdigit():
        return names.get(int(number), actor)
    return AUTHORS.get(actor, actor)
