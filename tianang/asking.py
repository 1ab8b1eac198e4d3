"""`tianang ask`: the answer as the web chat shows it, as text or as the contract's object."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

from helpline.embeddings import whole_screen
from helpline.settings import Settings
from tianang.session import Exchange, Session
from tianang.stock import Report, Stock, train


def open_session(settings: Settings, report: Report) -> Session:
    """A throw-away service with the present models; trains those that are missing."""
    warnings.simplefilter("ignore")
    stock: Stock = train(settings, report)
    _quiet()
    return Session(stock.rasa, whole_screen(settings))


def _quiet() -> None:
    """Errors only, on standard error: Rasa's own log prints whole messages, and to standard output."""
    from rasa.utils.log_utils import configure_structlog

    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, force=True)
    for name in ("rasa", "rasa_sdk", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    configure_structlog(logging.ERROR)


def answer_object(exchange: Exchange) -> dict[str, Any]:
    """The object of the contract, section 3, without the id."""
    verdict = exchange.assessment
    return {
        "level": verdict.level.value,
        "check": verdict.check,
        "category": verdict.category.value if verdict.category else None,
        "who": verdict.who.value if verdict.who else None,
        "topic": exchange.topic,
        "intent": exchange.intent,
        "confidence": round(exchange.confidence, 4),
        "notice": exchange.notice,
        "answer": [answer.text for answer in exchange.answers],
        "buttons": [button.title for answer in exchange.answers for button in answer.buttons],
        "citations": list(dict.fromkeys(c for answer in exchange.answers for c in answer.citations)),
        "case": exchange.case,
        "ms": round(exchange.ms, 1),
    }


def readable(exchange: Exchange) -> str:
    """The answers as a person reads them: bubbles, sources, buttons."""
    parts = []
    for answer in exchange.answers:
        part = answer.text
        if answer.citations:
            part += "\n(Nguồn: " + "; ".join(answer.citations) + ")"
        if answer.buttons:
            part += "\n" + "  ".join(f"[{button.title}]" for button in answer.buttons)
        parts.append(part)
    return "\n\n".join(parts)


