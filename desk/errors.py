"""Errors of the desk, in the tree of `helpline.errors`.

HelplineError
├── NoAccess       there is no such thing, or it is not for this person; the two look the same
└── StaffRefused   what was asked for about an account or a shift cannot be done; its message may be shown
"""

from __future__ import annotations

from helpline.errors import HelplineError


class NoAccess(HelplineError):
    """There is no such thing, or it is not for this person; the two look the same."""


class StaffRefused(HelplineError):
    """It cannot be done; the message is Vietnamese and may be shown as it stands."""
