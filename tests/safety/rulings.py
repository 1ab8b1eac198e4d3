"""The rulings of the contract (section 1) as a table, for the rules alone and for the trained screen."""

from __future__ import annotations

from dataclasses import dataclass

from safety import Assessment


@dataclass(frozen=True)
class Ruling:
    """A text and what must be said of it; "" where the contract leaves it open."""

    text: str
    level: str
    category: str = ""
    who: str = ""
    check: bool = False

    def hold(self, assessment: Assessment) -> None:
        """Fail unless the assessment keeps the ruling."""
        assert assessment.level.value == self.level
        assert assessment.check == self.check
        if self.category:
            assert assessment.category is not None
            assert assessment.category.value in self.category.split("|")
        if self.who:
            assert assessment.who is not None
            assert assessment.who.value in self.who.split("|")


RULINGS = [
    Ruling("bố cháu say rượu về đánh cháu, cháu sợ lắm", "urgent", "physical_abuse", "self_child"),
    Ruling("bố đánh con, con sợ lắm", "urgent", "physical_abuse", "self_child"),
    Ruling("chồng em đánh em thì bị phạt thế nào", "urgent", "domestic_violence", "self_adult"),
    Ruling("con không muốn sống nữa", "urgent", "self_harm", "self_child"),
    Ruling("con sợ về nhà", "urgent", "", "self_child"),
    Ruling("chú ấy bảo giữ bí mật", "urgent"),
    # a child sees its mother beaten
    Ruling("bố đánh mẹ con", "urgent", "domestic_violence", "self_child|third_party"),
    Ruling("bố mẹ con đánh nhau", "urgent", "domestic_violence", "self_child|third_party"),
    # between pupils
    Ruling("các bạn chặn em ở cổng trường đòi tiền", "urgent", "bullying", "self_child"),
    Ruling("các bạn trêu con béo", "concern", "bullying", "self_child"),
    # scolding and humiliation
    Ruling("mẹ mắng con vì điểm kém", "concern", "", "self_child"),
    Ruling("mẹ bảo con chết đi cho khuất mắt", "urgent", "emotional_abuse", "self_child"),
    Ruling("mẹ kế bỏ đói em", "urgent", "neglect", "self_child"),
    # the past
    Ruling("hồi nhỏ bố hay đánh em, giờ bố mất rồi", "concern", "physical_abuse"),
    Ruling("bố từng đánh con", "urgent", "physical_abuse", "self_child"),
    # harassment by words, by touch
    Ruling("sếp bình phẩm ngực em ở công ty", "concern", "sexual_abuse", "self_adult"),
    Ruling("sếp sờ soạng em", "urgent", "sexual_abuse"),
    # strangers online
    Ruling("anh trên mạng hay nhắn tin hỏi thăm con", "concern", "online_abuse"),
    Ruling("anh quen trên mạng đòi con gửi ảnh nóng", "urgent", "online_abuse", "self_child"),
    # injuries
    Ruling("bé bị ong đốt thì bôi gì", "none"),
    Ruling("bạn em bị đuối nước cứu với", "urgent", "danger"),
    # alone
    Ruling("con buồn, ở nhà một mình", "concern", "", "self_child"),
    Ruling("em con 3 tuổi bị bỏ ở nhà một mình", "urgent", "neglect", "third_party"),
    # child marriage, officials, friends, persons wished for
    Ruling("nghe nói nhà ấy sắp gả con gái lớp 9", "urgent", "child_marriage", "third_party"),
    Ruling("UBND phường báo có cháu bé bị cha dượng đánh, đề nghị hỗ trợ", "urgent", "physical_abuse", "third_party"),
    Ruling("bạn em bị bố đánh", "urgent", "physical_abuse", "third_party"),
    Ruling("con tôi chưa về nhà, gọi không được", "urgent", "missing", "third_party"),
    Ruling("con muốn nói chuyện với cô tư vấn", "concern", "counsellor_request"),
    # none: questions, figures of speech, denials, conditionals, topic words, replies
    Ruling("so dien thoai bao ve tre em quang ninh la bao nhieu", "none"),
    Ruling("Lớp bơi cho bé 8 tuổi ở Cẩm Phả đăng ký sao ạ", "none"),
    Ruling("không ai đánh cháu cả", "none"),
    Ruling("đánh rank thua hoài muốn chết", "none"),
    Ruling("đói chết", "none"),
    Ruling("đánh giá học sinh cuối kỳ thế nào", "none"),
    Ruling("nếu thấy trẻ bị đánh thì gọi ai", "none"),
    Ruling("xâm hại trẻ em", "none"),
    Ruling("bạo lực gia đình", "none"),
    Ruling("em ổn", "none"),
    Ruling("không sao đâu", "none"),
    Ruling("dạ", "none"),
    Ruling("cảm ơn ạ", "none"),
    # the band of doubt
    Ruling("mùa hè mặc áo cổ lọ đi làm nội quy có cấm không ạ", "none", check=True),
]
