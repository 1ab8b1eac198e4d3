"""The topics of the contract and what kind each is."""

from __future__ import annotations

import re

INFORMATION = frozenset(
    ["hotline", "sunshine_house", "trusted_address", "shelter", "swim_class", "drowning_safety", "injury_safety", "social_assistance", "orphan_support", "disability_support", "education_support", "health_support", "poor_household", "child_fund", "mental_health", "early_childhood", "child_rights", "abuse_prevention", "report_abuse", "school_violence", "online_safety", "child_labour", "child_marriage", "trafficking", "domestic_violence", "gender_equality", "sexual_harassment", "penalties", "models", "child_participation", "campaigns", "documents", "reporting", "organisation", "collaborators", "child_friendly_commune", "child_data"]
)
DIALOGUE = frozenset(
    ["greeting", "thanks", "goodbye", "bot_identity", "capabilities", "counsellor_request", "privacy", "feedback", "small_talk", "out_of_scope", "disclosure", "affirm", "deny", "more_details", "false_alarm", "delete_data", "safe_now", "not_safe", "inform", "nlu_fallback"]
)

# Intents whose examples may tell of a risk, or stand so near to one that the screen must not learn them as harmless.
NEAR_RISK = frozenset(
    ["disclosure", "counsellor_request", "false_alarm", "safe_now", "not_safe", "report_abuse", "abuse_prevention", "school_violence", "online_safety", "child_labour", "child_marriage", "trafficking", "domestic_violence", "sexual_harassment", "penalties", "shelter", "trusted_address", "sunshine_house", "mental_health", "injury_safety", "drowning_safety", "privacy", "nlu_fallback"]
)

# Words with which information is asked for, in accent-free form. A risk text with one of them gets the answer too.
_ASKS = re.compile(
    r"\b(bi phat|phat the nao|phat bao nhieu|muc phat|toi gi|di tu|pham luat|trai luat|luat nao|quy dinh|"
    r"so dien thoai|goi so nao|so nao|goi ai|goi cho ai|bao ai|bao cho ai|bao o dau|trinh bao|to cao|to giac|"
    r"o dau|cho nao|lam the nao|the nao|lam sao|nhu nao|ra sao|co duoc|duoc khong|thu tuc|giay to|don|"
    r"bao nhieu|may tuoi|tro cap|dia chi|nha tam lanh|ly hon|ho tro gi|ai giup)\b"
)
FIRST_AID = frozenset(["injury_safety", "drowning_safety"])
_ASKS_FIRST_AID = re.compile(r"\b(lam gi|lam sao|lam the nao|the nao|xu ly|xu tri|so cuu|cap cuu|cuu sao|phai sao)\b")


def asks_for_information(plain: str) -> bool:
    """Whether an accent-free text asks for something that the knowledge base may hold."""
    return _ASKS.search(plain) is not None


def asks_for_first_aid(plain: str) -> bool:
    """Whether an accent-free text about an accident asks what to do. Of an accident "phải làm gì" is a question; of
    abuse it is a cry for help, which a lecture does not answer."""
    return _ASKS_FIRST_AID.search(plain) is not None
