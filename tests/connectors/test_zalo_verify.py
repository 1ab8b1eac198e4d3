"""Signatures of Zalo's webhook calls."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zalo.verify import is_genuine, signature

APP = "1234567890123456789"
SECRET = "oaSecretKeyTEST"
BODY = (Path(__file__).parents[1] / "payloads" / "zalo" / "vector.body").read_bytes()
EVENT = json.loads(BODY)
TIMESTAMP = EVENT["timestamp"]
MAC = "b6d519624499c3aae9c529beb6b420ffb8ba832d8bf2e153791e4ab8a54609a3"  # reference, section A1


def test_vector() -> None:
    assert len(BODY) == 278
    assert signature(APP, BODY, TIMESTAMP, SECRET) == MAC


@pytest.mark.parametrize("given_", [f"mac={MAC}", f"mac = {MAC}", MAC, f" mac={MAC.upper()} "])
def test_genuine_with_and_without_prefix(given_: str) -> None:
    assert is_genuine(APP, SECRET, BODY, given_, EVENT)


FORGED = {
    "missing": "",
    "prefix only": "mac=",
    "of another secret": f"mac={signature(APP, BODY, TIMESTAMP, 'appSecretKeyTEST')}",
    "of another app": f"mac={signature('9', BODY, TIMESTAMP, SECRET)}",
    "with the OA id first": f"mac={signature('388613280878808645', BODY, TIMESTAMP, SECRET)}",
    "of the body written anew": f"mac={signature(APP, json.dumps(EVENT).encode(), TIMESTAMP, SECRET)}",
    "HMAC": "mac=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest(),
    "without the secret": f"mac={signature(APP, BODY, TIMESTAMP, '')}",
    "not ASCII": "mac=é" + MAC[1:],
    "cut": f"mac={MAC[:-1]}",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged(name: str) -> None:
    assert not is_genuine(APP, SECRET, BODY, FORGED[name], EVENT)


def test_app_id_in_the_body_must_be_ours() -> None:
    event = {**EVENT, "app_id": "77"}
    body = json.dumps(event).encode()
    assert not is_genuine(APP, SECRET, body, signature(APP, body, TIMESTAMP, SECRET), event)


@pytest.mark.parametrize("event", [None, [], "x", {}, {"app_id": APP}, {"app_id": APP, "timestamp": None}])
def test_events_without_what_is_signed(event: object) -> None:
    body = json.dumps(event).encode()
    assert not is_genuine(APP, SECRET, body, signature(APP, body, "", SECRET), event)


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not is_genuine(APP, "", BODY, signature(APP, BODY, TIMESTAMP, ""), EVENT)


@given(place=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_is_seen(place: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= 1 << bit
    assert not is_genuine(APP, SECRET, bytes(changed), f"mac={MAC}", EVENT)
