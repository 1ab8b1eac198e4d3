from __future__ import annotations

import stat
from pathlib import Path

import pytest

from helpline import keyring
from helpline.errors import SettingError
from helpline.keyring import Keyring, new_secret
from helpline.settings import Secret, Settings


def test_the_first_start_makes_a_key_that_only_the_owner_reads(tmp_path: Path) -> None:
    own = Settings(var=tmp_path / "var")
    first, again = keyring.load(own), keyring.load(own)
    path = tmp_path / "var" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert again.decrypt(first.encrypt("chào")) == "chào"


@pytest.mark.parametrize("secret", ["", "abc", "!!!", "YWJj"])
def test_a_bad_key_stops_the_start(secret: str) -> None:
    with pytest.raises(SettingError, match="TIANANG_SECRET_KEY"):
        Keyring(secret)


def test_another_key_is_said_to_be_the_wrong_one() -> None:
    token = Keyring(new_secret()).encrypt("chào")
    with pytest.raises(SettingError, match="not the key"):
        Keyring(new_secret()).decrypt(token)


def test_pseudonyms_are_stable_and_differ_by_channel_and_key() -> None:
    secret = new_secret()
    one = Keyring(secret).pseudonym("zalo", "42")
    assert one == Keyring(secret).pseudonym("zalo", "42")
    assert len({one, Keyring(secret).pseudonym("web", "42"), Keyring(new_secret()).pseudonym("zalo", "42")}) == 3


def test_a_key_in_the_settings_counts_before_the_file(tmp_path: Path) -> None:
    secret = new_secret()
    own = Settings(var=tmp_path, secret_key=Secret(secret))
    assert keyring.load(own).decrypt(Keyring(secret).encrypt("x")) == "x"
    assert not (tmp_path / "secret.key").exists()
