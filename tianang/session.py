"""Conversations inside one process: the intake, Rasa's agent and the actions, without servers; for `ask` and tests."""

from __future__ import annotations

import asyncio
import itertools
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from actions import services
from connectors.brain import BrainSilent, answer_of, text_for_rasa
from helpline import cases, conversations, inbox, outbox
from helpline.clock import Clock, SystemClock
from helpline.db import Database
from helpline.inbox import Turn
from helpline.intake import Intake
from helpline.keyring import Keyring, new_secret
from helpline.messages import Answer, Author, Channel, InboundMessage, Kind
from helpline.wording import say
from kb import content
from kb.answering import Answering
from kb.store import load_content
from rasa_project import server_fixes
from rasa_project.topics import DIALOGUE
from safety.assessment import Assessment, Level
from safety.screen import Screen

log = logging.getLogger(__name__)


class InProcessActions(EndpointConfig):
    """The action server without a server."""

    def __init__(self) -> None:
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        return await self._executor.run(kwargs["json"])


@dataclass(frozen=True)
class Understood:
    intent: str
    confidence: float


class AgentBrain:
    """Rasa's agent behind the same port as the REST one; keeps how the last message was understood."""

    def __init__(self, model: Path) -> None:
        server_fixes.compile_validator()
        self._agent = Agent.load(str(model), action_endpoint=InProcessActions())
        self.understood = Understood("nlu_fallback", 0.0)

    async def respond(self, turn: Turn) -> list[Answer]:
        out = CollectingOutputChannel()
        metadata = {
            "assessment": turn.assessment.to_dict(),
            "channel": turn.channel.value,
            "case_open": turn.case_open,
        }
        await self._agent.handle_message(
            UserMessage(text_for_rasa(turn.text), out, turn.session, input_channel="rest", metadata=metadata)
        )
        if not out.messages:
            raise BrainSilent("empty reply")
        answers = [answer_of(item) for item in out.messages]
        self.understood = Understood(answers[0].intent or "nlu_fallback", float(answers[0].confidence or 0.0))
        return answers

    async def topics(self, text: str) -> dict[str, float]:
        """How likely each intent is, as Rasa ranks them."""
        parsed = await self._agent.parse_message(text_for_rasa(text))
        return {str(one["name"]): float(one["confidence"]) for one in parsed.get("intent_ranking") or ()}

    async def close(self) -> None:
        return None


@dataclass(frozen=True)
class Exchange:
    """One message and all that its sender would read for it on the web chat."""

    assessment: Assessment
    topic: str
    intent: str
    confidence: float
    notice: str
    answers: list[Answer]
    case: bool
    ms: float


class Session:
    """A throw-away service: its own database from `kb/content`, nobody on shift, nothing sent."""

    def __init__(self, rasa_model: Path, screen: Screen, clock: Clock | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tianang-")
        keyring = Keyring(new_secret())
        self.clock = clock or SystemClock()
        self.db = Database(f"sqlite:///{self._folder.name}/session.db", keyring)
        self.db.migrate()
        load_content(self.db, self.clock, content.load())
        services.use(Answering(self.db, self.clock))
        self.intake = Intake(self.db, keyring, screen, self.clock)
        self.brain = AgentBrain(rasa_model)
        self._loop = asyncio.new_event_loop()
        self._ids = itertools.count(1)

    def topics(self, text: str) -> dict[str, float]:
        """How likely each intent of ``text`` is; nothing is kept."""
        return self._loop.run_until_complete(self.brain.topics(text))

    def ask(self, text: str, sender: str | None = None) -> Exchange:
        """One message of a sender; without one it stands alone."""
        began = time.perf_counter()
        number = next(self._ids)
        now = self.clock.now()
        incoming = InboundMessage(
            channel=Channel.WEB,
            channel_message_id=f"ask-{number}",
            user=f"sender-{sender}" if sender is not None else f"alone-{number}",
            text=text,
            kind=Kind.TEXT,
            sent_at=now,
            received_at=now,
        )
        receipt = self.intake.receive(incoming)
        topic = self._pump()
        answers = self._deliver(receipt.conversation_id)
        notice = self._notice(receipt.conversation_id)
        with self.db.read() as tx:
            case = cases.open_of(tx, receipt.conversation_id) is not None
        return Exchange(
            assessment=receipt.assessment,
            topic=topic,
            intent=self.brain.understood.intent,
            confidence=self.brain.understood.confidence,
            notice=notice,
            answers=answers,
            case=case,
            ms=(time.perf_counter() - began) * 1000,
        )

    def _pump(self) -> str:
        with self.db.write() as tx:
            turns = inbox.claim(tx, self.clock.now())
        topic = "out_of_scope"
        for turn in turns:
            try:
                answers = self._loop.run_until_complete(self.brain.respond(turn))
            except BrainSilent as silence:
                log.error("no answer: %s", silence)
                with self.db.write() as tx:
                    inbox.silent(tx, self.clock.now(), turn)
                continue
            topic = topic_of(answers, turn)
            with self.db.write() as tx:
                inbox.answer(tx, self.clock.now(), turn, answers)
        return topic

    def _deliver(self, conversation_id: int) -> list[Answer]:
        said: list[Answer] = []
        while True:
            with self.db.write() as tx:
                leaving = outbox.claim(tx, self.clock.now())
                for outgoing in leaving:
                    outbox.mark_sent(tx, self.clock.now(), outgoing, None)
            if not leaving:
                return said
            said += [o.answer for o in leaving if o.conversation_id == conversation_id and o.author is Author.BOT]

    def _notice(self, conversation_id: int) -> str:
        with self.db.write() as tx:
            row = conversations.lock(tx, conversation_id)
            if row.noticed_at is not None:
                return ""
            conversations.mark(tx, conversation_id, noticed_at=self.clock.now())
        return say("notice.web")

    def close(self) -> None:
        self._loop.close()
        self.db.close()
        self._folder.cleanup()


def topic_of(answers: list[Answer], turn: Turn) -> str:
    """The contract's topic of a message (section 2), from how it was understood and answered."""
    intent = answers[0].intent or "nlu_fallback"
    if turn.assessment.level is not Level.NONE:
        return intent
    if intent in ("nlu_fallback", "inform", "out_of_scope") or intent not in DIALOGUE:
        found = answers[0].topic
        return "out_of_scope" if found in (None, "nlu_fallback") else str(found)
    return intent
