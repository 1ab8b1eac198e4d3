"""The two pages of the web chat, rendered once: the chat, and the page on staying safe."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpline import hotlines
from helpline.wording import say

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
EXIT = "https://www.google.com/search?q=thoi+tiet+hom+nay"  # where the quick exit leads: what anybody might look at
SHOWN = ("child_line", "province_line", "police", "fire_rescue", "ambulance")


class Pages:
    """``chat`` and ``help`` as HTML. The texts are those of the process's start, as all wording is."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(
            asset=asset,
            exit=EXIT,
            line=hotlines.load().__getitem__,
            notice=say("notice.web").splitlines(),
            numbers=[hotlines.number(key) for key in SHOWN],
            shown=SHOWN,
        )
        environment.filters["dial"] = dial
        self.chat = environment.get_template("chat.html").render()
        self.help = environment.get_template("help.html").render()


def asset(name: str) -> str:
    """The address of a static file, which changes with its content so that a phone may keep the file for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def dial(number: str) -> str:
    """A number as a ``tel:`` address."""
    return "tel:" + re.sub(r"\D", "", number)
