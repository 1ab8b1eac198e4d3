"""Zalo's error codes, and what each means for the message. Zalo answers HTTP 200 to failures too.

Source: list of error codes of the OA API (reference, section A3); what to do with them is ours.
"""

from __future__ import annotations

from helpline.errors import ChannelMisconfigured, SendError, SendLater, SendRefused, SendUncertain, Unreachable

TOKEN = frozenset({-216, -220})  # invalid or run out: refresh, then once more

LATER = {-32: 5.0}  # rate of the app or the OA; seconds

REFUSED = frozenset(
    {
        -100,  # attachment run out
        -201,  # a field is invalid
        -210,  # a parameter is over its limit
        -211,  # the OA's quota is used up
        -213,  # does not follow the OA
        -217,  # blocked invitations
        -218,  # this recipient's quota is used up
        -227,  # banned, or not seen for 45 days
        -230,  # no interaction in 7 days
        -232,  # the interaction ran out
        -233,  # type of message not supported
        -234,  # at night; told of promotion only
        -235,  # not for this type of OA
        -240,  # an interface that is switched off
        -244,  # blocked this type of message
        -248,  # against the platform's standards
        -249,  # template not for a user id
        -320,  # beyond 48 hours: no Zalo Cloud Account
        -321,  # beyond 48 hours: the account has run dry
    }
)

UNREACHABLE = frozenset({-213, -217, -227, -230, -232, -244})  # of the refused: it lies with the person, not the message

MISCONFIGURED = frozenset(
    {
        -204,  # the OA is gone
        -205,  # the app is not active
        -209,  # interface not registered
        -212,  # the app was removed
        -219,  # the OA is not verified
        -221,  # the OA has no right to this
        -223,  # the OA has granted nothing
        -224,  # package too small
        -242,  # wrong appsecret_proof
    }
)


def error_of(code: int) -> SendError:
    """What ``code`` (not 0) means. One that we do not know was not sent, but may be tried once more, like -200."""
    if code in LATER:
        return SendLater(str(code), LATER[code])
    if code in UNREACHABLE:
        return Unreachable(str(code))
    if code in REFUSED:
        return SendRefused(str(code))
    if code in MISCONFIGURED or code in TOKEN:
        return ChannelMisconfigured(str(code))
    return SendUncertain(str(code))


def error_of_status(status: int) -> SendError:
    """What an answer means that is not in Zalo's own form."""
    if status in (401, 403, 404):
        return ChannelMisconfigured(f"HTTP {status}")
    if status == 429 or status >= 500:
        return SendLater(f"HTTP {status}", 5.0)
    return SendUncertain(f"unreadable answer, HTTP {status}")
