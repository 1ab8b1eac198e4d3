"""The reviewed first response to a risk text, chosen by level, category, who is at risk, and who is there to help."""

from __future__ import annotations

from helpline.messages import Answer, Button
from helpline.wording import find, say
from safety.assessment import Assessment, Category, Level, Who

GROUPS: dict[Category, str] = {
    Category.PHYSICAL_ABUSE: "violence",
    Category.DOMESTIC_VIOLENCE: "violence",
    Category.BULLYING: "violence",
    Category.SEXUAL_ABUSE: "sexual",
    Category.SELF_HARM: "self_harm",
    Category.DANGER: "danger",
    Category.TRAFFICKING: "exploitation",
    Category.CHILD_LABOUR: "exploitation",
    Category.CHILD_MARRIAGE: "exploitation",
    Category.MISSING: "missing",
    Category.ONLINE_ABUSE: "online",
    Category.EMOTIONAL_ABUSE: "care",
    Category.NEGLECT: "care",
    Category.DISTRESS: "care",
    Category.COUNSELLOR_REQUEST: "care",
}
REGISTERS: dict[Who | None, str] = {
    Who.SELF_CHILD: "child",
    Who.SELF_ADULT: "adult",
    Who.THIRD_PARTY: "third",
    Who.UNKNOWN: "unknown",
    None: "unknown",
}


def compose(assessment: Assessment, *, on_shift: int, again: bool = False, minutes: int = 10) -> Answer:
    """The one bubble that a risk text gets before anything else.

    ``on_shift``: people who could take the case now; with none it is said so. ``again``: the sender has had a full
    first response in this open case; the numbers are repeated, the rest is short. ``minutes``: honest wait for a
    `concern`. Raises `ValueError` for a text without risk.
    """
    if assessment.level is Level.NONE or assessment.category is None:
        raise ValueError("no first response without a risk")
    register = REGISTERS[assessment.who]
    if assessment.level is Level.URGENT:
        lines = _urgent(assessment.category, register, on_shift, again)
    else:
        lines = _concern(assessment.category, register, on_shift, again, minutes)
    return Answer(text="\n".join(lines), extra={"first_response": True})


def _urgent(category: Category, register: str, on_shift: int, again: bool) -> list[str]:
    group = f"first_response.{GROUPS[category]}"
    if again:
        return [say(f"first_response.again.{register}"), say(f"{group}.now"), say("first_response.numbers")]
    return [
        say(f"{group}.opening.{register}"),
        say(f"{group}.now"),
        say("first_response.numbers"),
        say(f"{group}.step.{register}"),
        say(f"first_response.person.{'there' if on_shift else 'nobody'}.{register}"),
    ]


def _concern(category: Category, register: str, on_shift: int, again: bool, minutes: int) -> list[str]:
    if again:
        return [say(f"first_response.again.{register}"), say("first_response.concern.now")]
    opening = "request" if category is Category.COUNSELLOR_REQUEST else "opening"
    return [
        say(f"first_response.concern.{opening}.{register}"),
        say("first_response.concern.there", minutes=minutes) if on_shift else say("first_response.concern.nobody"),
        say("first_response.concern.now"),
    ]


def soft_check() -> Answer:
    """The gentle sentence that goes with the answer where the screen is in doubt."""
    return Answer(text=say("soft_check"), buttons=(Button(find("soft_check_yes")),), extra={"soft_check": True})
