"""Errors of the helpline, one tree.

HelplineError
├── SettingError            a setting is missing or wrong: the start stops with a line that names it
├── StoreUnavailable        the database cannot be read or written now: spool, answer with the numbers, alarm
├── RefusedMessage          what arrived is no message we can keep: answer the platform, keep nothing
├── NotOwner                somebody other than the owner of a case tries to write or close
├── CaseTaken               a case was taken by somebody else first; ``owner`` says who
├── CaseClosed              the case is closed; open or reopen first
└── SendError               a platform did not take a message
    ├── SendLater           try again after ``seconds`` (rate limit, time-out before sending, platform down)
    ├── SendUncertain       it may have arrived (time-out after sending): at most one more try
    ├── SendRefused         this message will never arrive (not allowed, over a limit): tell the counsellor
    │   └── Unreachable     no message will reach this person now (blocked, window closed)
    └── ChannelMisconfigured  token or secret is wrong: stop this channel and tell the operator
"""

from __future__ import annotations


class HelplineError(Exception):
    """Root of what the helpline raises on purpose."""


class SettingError(HelplineError):
    """A setting is missing or wrong. The message names it and says what to write."""


class StoreUnavailable(HelplineError):
    """The database cannot be used now; the caller spools the message."""


class RefusedMessage(HelplineError):
    """The thing received is no message that can be kept."""


class NotOwner(HelplineError):
    """Only the owner of a case writes to its sender or closes it."""


class CaseTaken(HelplineError):
    """Somebody else has taken the case."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"case is held by {owner}")
        self.owner = owner


class CaseClosed(HelplineError):
    """The case is closed already."""


class SendError(HelplineError):
    """A platform did not take a message. ``code`` is the platform's own, for the log; it holds no text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SendLater(SendError):
    def __init__(self, code: str, seconds: float = 2.0) -> None:
        super().__init__(code)
        self.seconds = seconds


class SendUncertain(SendError):
    pass


class SendRefused(SendError):
    pass


class Unreachable(SendRefused):
    pass


class ChannelMisconfigured(SendError):
    pass
