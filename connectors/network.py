"""What a failed HTTP call means for the message that was in it."""

from __future__ import annotations

import logging

import httpx

from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendUncertain

BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
WRONG_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)


def send_error(error: httpx.HTTPError | httpx.InvalidURL) -> SendError:
    """The error of our tree. Only the name of the class is told on: httpx's own words may hold the address."""
    code = type(error).__name__
    if isinstance(error, BEFORE_SENDING):
        return SendLater(code)
    if isinstance(error, WRONG_ADDRESS):
        return ChannelMisconfigured(code)
    return SendUncertain(code)  # the request may have been read before the line broke


def keep_quiet() -> None:
    """httpx logs whole addresses at INFO, and Telegram's hold the token; whoever opens a client calls this."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
