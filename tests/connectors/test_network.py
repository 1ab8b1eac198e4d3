"""What a failed HTTP call means."""

from __future__ import annotations

import httpx
import pytest

from connectors.network import send_error
from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendUncertain


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("no route to 123456:token"), SendLater),
        (httpx.ConnectTimeout("x"), SendLater),
        (httpx.PoolTimeout("x"), SendLater),
        (httpx.ProxyError("x"), SendLater),
        (httpx.ReadTimeout("x"), SendUncertain),
        (httpx.WriteTimeout("x"), SendUncertain),
        (httpx.ReadError("x"), SendUncertain),
        (httpx.RemoteProtocolError("x"), SendUncertain),
        (httpx.UnsupportedProtocol("x"), ChannelMisconfigured),
        (httpx.InvalidURL("x"), ChannelMisconfigured),
    ],
)
def test_error_table(error: httpx.HTTPError, expected: type[SendError]) -> None:
    found = send_error(error)
    assert type(found) is expected
    assert found.code == type(error).__name__
