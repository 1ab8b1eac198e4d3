"""What the alarm says outside the page. It is read on locked screens and over shoulders: no name, no reason."""

NOTICE_TITLE = "Tia Nắng"
NOTICE_TEXT = "Có người đang chờ. Mở bàn tư vấn để tiếp nhận."
BLINK = "Có người đang chờ"  # in the title of the window, by turns with the page's own
REPEAT_S = 10  # seconds between two rings while nobody has claimed an urgent case
HUSH_S = 60  # seconds of silence that a person may ask for
