from __future__ import annotations

from pathlib import Path

import pytest

from helpline import settings
from helpline.errors import SettingError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"TIANANG_GATEWAY_PORT": "abc"}, "TIANANG_GATEWAY_PORT"),
        ({"TIANANG_GATEWAY_PORT": "70000"}, "TIANANG_GATEWAY_PORT"),
        ({"TIANANG_DATABASE_ULR": "x"}, "TIANANG_DATABASE_ULR"),
        ({"TIANANG_PUBLIC_URL": "http://x.vn"}, "TIANANG_PUBLIC_URL"),
        ({"TIANANG_TELEGRAM_TOKEN": "t", "TIANANG_PUBLIC_URL": "https://x.vn"}, "TIANANG_TELEGRAM_SECRET"),
        ({"TIANANG_ZALO_APP_ID": "1"}, "TIANANG_ZALO_OA_SECRET"),
        ({"TIANANG_LOG_LEVEL": "LOUD"}, "TIANANG_LOG_LEVEL"),
        ({"TIANANG_RETENTION_DAYS": "0"}, "TIANANG_RETENTION_DAYS"),
    ],
)
def test_a_wrong_setting_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        settings.read(environ)


def test_secrets_do_not_show_themselves() -> None:
    own = settings.read({"TIANANG_TELEGRAM_TOKEN": "123:abc"})
    assert "123:abc" not in repr(own) and own.telegram_token == "123:abc"


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for variable, _, help_text in settings.table():
        assert f"`{variable}`" in page, f"docs/settings.md lacks {variable}"
        assert help_text in page, f"docs/settings.md: the help of {variable} differs from the table in helpline/settings.py"
