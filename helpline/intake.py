"""The one door for every channel: keep the message, judge it, open the case, say the first response; all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from helpline import audit, cases, conversations, first_response, outbox, presence
from helpline.choices import pick
from helpline.clock import Clock
from helpline.db import Database
from helpline.keyring import Keyring
from helpline.messages import Answer, Author, BrainState, Button, Channel, InboundMessage, Kind, OutState, Voice
from helpline.tables import message, outbound
from helpline.wording import find, say
from safety.assessment import Assessment, Category, Level, Who

HISTORY = timedelta(minutes=30)  # contract, section 1, History
SOFT_CHECK_ANSWER = timedelta(minutes=30)
LAST_OFFERS = 3  # messages back in which an offered choice still stands
MINUTES_PER_CASE = 10  # what one case ahead in the queue costs, told as the honest wait of a concern
WITHOUT_WORDS = {Kind.IMAGE: "image", Kind.VOICE: "voice", Kind.STICKER: "sticker", Kind.LOCATION: "location"}


class Screen(Protocol):
    def assess(self, text: str, history: Sequence[str] = ()) -> Assessment: ...

    def knows_more(self, than: Assessment) -> bool:
        """True when the assessment was made with less than the screen has now."""
        ...


@dataclass(frozen=True)
class Receipt:
    """What became of one message. ``first`` is the first response of a risk text, put into the outbox already."""

    message_id: int
    conversation_id: int
    assessment: Assessment
    duplicate: bool = False
    case_id: int | None = None
    first: Answer | None = None


class Intake:
    """Receives messages. Thread-safe; holds no state of its own."""

    def __init__(self, db: Database, keyring: Keyring, screen: Screen, clock: Clock, max_text: int = 20000) -> None:
        self._db = db
        self._keyring = keyring
        self.screen = screen
        self._clock = clock
        self._max_text = max_text

    def receive(self, incoming: InboundMessage, *, first_said: bool = False) -> Receipt:
        """Keep one message with all that follows from it, in one transaction.

        ``first_said``: the first response left already while the database was down; it is not said again.

        The second arrival of the same message (channel and channel message id) changes nothing and says
        ``duplicate``. Raises `StoreUnavailable` when the database cannot be written: nothing was kept then, and the
        caller spools the message and answers with the numbers.
        """
        user_key = self._keyring.pseudonym(incoming.channel.value, incoming.user)
        now = self._clock.now()
        with self._db.read() as tx:
            present = conversations.find(tx, incoming.channel, user_key)
            history = conversations.recent_texts(tx, present.id, now - HISTORY) if present else []
            text = self._words(tx, incoming, present)
            agrees = present is not None and _agrees_to_soft_check(tx, now, present, text)
        assessment = self.judge(text, history)
        if agrees and assessment.level is Level.NONE:
            assessment = replace(
                assessment, level=Level.CONCERN, check=False, category=Category.COUNSELLOR_REQUEST, who=Who.UNKNOWN
            )
        with self._db.write() as tx:
            row = conversations.ensure(tx, now, incoming.channel, user_key, incoming.reply_to or incoming.user)
            message_id = self._keep(tx, now, row, incoming, text, assessment)
            if message_id is None:
                return self._repeat(tx, incoming, row.id)
            return self._follow(tx, now, row, message_id, incoming, text, assessment, first_said)

    def judge(self, text: str, history: Sequence[str] = ()) -> Assessment:
        return self.screen.assess(text[: self._max_text], history)

    def judge_again(self) -> int:
        """Judge once more what was judged with less than the screen has now, of the last 30 minutes; how many were.

        A message may only rise: then its case is opened or raised and the first response goes out, as at its receipt.
        Stops at the first that the screen still cannot judge whole. Raises `StoreUnavailable`.
        """
        with self._db.read() as tx:
            rows = tx.execute(
                select(message.c.id, message.c.conversation_id, message.c.text, message.c.assessment, message.c.received_at)
                .where(
                    message.c.received_at >= self._clock.now() - HISTORY,
                    message.c.level != Level.URGENT.value,
                    message.c.text != "",
                )
                .order_by(message.c.id)
            ).all()
        judged = 0
        for row in rows:
            if not self.screen.knows_more(Assessment.from_dict(row.assessment)):
                continue
            with self._db.read() as tx:
                history = conversations.recent_texts(tx, row.conversation_id, row.received_at - HISTORY, before=row.id)
            assessment = self.judge(row.text, history)
            if self.screen.knows_more(assessment):
                break
            self._raise(row.id, row.conversation_id, assessment)
            judged += 1
        return judged

    def _raise(self, message_id: int, conversation_id: int, assessment: Assessment) -> None:
        now = self._clock.now()
        with self._db.write() as tx:
            talk = conversations.lock(tx, conversation_id)
            kept = tx.execute(select(message).where(message.c.id == message_id)).one()
            before = Assessment.from_dict(kept.assessment)
            if assessment.level <= before.level:  # a yes to the soft check stays what it was
                assessment = replace(before, version=assessment.version)
                tx.execute(update(message).where(message.c.id == message_id).values(assessment=assessment.to_dict()))
                return
            tx.execute(
                update(message)
                .where(message.c.id == message_id)
                .values(level=assessment.level.value, assessment=assessment.to_dict())
            )
            change = cases.open_or_raise(tx, now, conversation_id, message_id, assessment)
            if talk.voice == Voice.BOT.value:
                first = self._first_response(tx, now, assessment, again=not (change.opened or change.raised))
                outbox.put(
                    tx, now, conversation_id, f"first:{message_id}", [first], Author.BOT, message_id=message_id, urgent=True
                )
            audit.record(tx, now, "gateway", "message.raise", "message", message_id, level=assessment.level.value)

    def _words(self, tx: Connection, incoming: InboundMessage, present: Row | None) -> str:
        """The text, or what it stands for: of a tapped button (``b:<outgoing id>:<index>``), of a number on Zalo."""
        parts = incoming.payload.split(":")
        if incoming.kind is Kind.BUTTON and present and len(parts) == 3 and parts[0] == "b" and all(
            p.isdigit() and len(p) < 10 for p in parts[1:]
        ):
            body = tx.execute(
                select(outbound.c.body).where(
                    outbound.c.id == int(parts[1]), outbound.c.conversation_id == present.id
                )
            ).scalar()
            buttons = Answer.from_dict(body).buttons if body else ()
            if int(parts[2]) < len(buttons):
                return buttons[int(parts[2])].value
        text = incoming.text.replace("\x00", "")
        if incoming.channel is Channel.ZALO and incoming.kind is Kind.TEXT and present:
            chosen = pick(text, _last_buttons(tx, present.id))
            return chosen.value if chosen else text
        return text

    def _keep(
        self, tx: Connection, now: datetime, row: Row, incoming: InboundMessage, text: str, assessment: Assessment
    ) -> int | None:
        state = BrainState.WAITING
        if row.voice == Voice.COUNSELLOR.value or not text.strip() or incoming.kind is Kind.EDIT:
            state = BrainState.SKIPPED
        try:
            with tx.begin_nested():
                result = tx.execute(
                    message.insert().values(
                        conversation_id=row.id,
                        channel=incoming.channel.value,
                        channel_message_id=incoming.channel_message_id,
                        kind=incoming.kind.value,
                        text=text[: self._max_text],
                        cut=len(text) > self._max_text,
                        sent_at=incoming.sent_at,
                        received_at=now,
                        level=assessment.level.value,
                        assessment=assessment.to_dict(),
                        brain_state=state.value,
                    )
                )
        except IntegrityError:
            return None
        return int(result.inserted_primary_key[0])

    def _repeat(self, tx: Connection, incoming: InboundMessage, conversation_id: int) -> Receipt:
        kept = tx.execute(
            select(message).where(
                message.c.channel == incoming.channel.value,
                message.c.channel_message_id == incoming.channel_message_id,
            )
        ).one()
        return Receipt(kept.id, kept.conversation_id, Assessment.from_dict(kept.assessment), duplicate=True)

    def _follow(
        self,
        tx: Connection,
        now: datetime,
        row: Row,
        message_id: int,
        incoming: InboundMessage,
        text: str,
        assessment: Assessment,
        first_said: bool,
    ) -> Receipt:
        conversations.mark(
            tx, row.id, last_inbound_at=now, left_at=None, address=incoming.reply_to or incoming.user, unreachable_at=None
        )
        first: Answer | None = None
        case_id: int | None = None
        if assessment.level is not Level.NONE:
            change = cases.open_or_raise(tx, now, row.id, message_id, assessment)
            case_id = change.case_id
            if row.voice == Voice.BOT.value and not first_said:
                first = self._first_response(tx, now, assessment, again=not (change.opened or change.raised))
                outbox.put(
                    tx, now, row.id, f"first:{message_id}", [first], Author.BOT, message_id=message_id, urgent=True
                )
        else:
            present = cases.open_of(tx, row.id)
            case_id = present.id if present else None
            if row.voice == Voice.BOT.value:
                self._notice(tx, now, row, incoming)
                self._without_words(tx, now, row, message_id, incoming, text)
        audit.record(
            tx, now, "gateway", "message.keep", "message", message_id, level=assessment.level.value, kind=incoming.kind.value
        )
        return Receipt(message_id, row.id, assessment, case_id=case_id, first=first)

    def _first_response(self, tx: Connection, now: datetime, assessment: Assessment, again: bool) -> Answer:
        on_shift = presence.on_shift_count(tx, now)
        ahead = cases.waiting_count(tx)
        minutes = max(MINUTES_PER_CASE, MINUTES_PER_CASE * ahead // max(on_shift, 1))
        return first_response.compose(assessment, on_shift=on_shift, again=again, minutes=minutes)

    def _notice(self, tx: Connection, now: datetime, row: Row, incoming: InboundMessage) -> None:
        """Once a conversation, with its first calm message: what this is and what is kept (safeguarding 11).

        The web chat shows its notice on the page; a risk text is answered without it.
        """
        if row.noticed_at is not None or incoming.channel is Channel.WEB:
            return
        outbox.put(tx, now, row.id, f"notice:first:{row.id}", [Answer(text=say("notice.chat"))], Author.SYSTEM)
        conversations.mark(tx, row.id, noticed_at=now)

    def _without_words(
        self, tx: Connection, now: datetime, row: Row, message_id: int, incoming: InboundMessage, text: str
    ) -> None:
        """A kind line for what the assistant cannot read; the message is kept for a counsellor all the same."""
        if incoming.kind is Kind.EDIT:
            return
        if not text.strip():
            empty = incoming.kind in (Kind.TEXT, Kind.BUTTON)
            line = say("empty") if empty else say(f"media.{WITHOUT_WORDS.get(incoming.kind, 'other')}")
        elif len(text) > self._max_text:
            line = say("cut")
        else:
            return
        outbox.put(tx, now, row.id, f"words:{message_id}", [Answer(text=line)], Author.BOT, message_id=message_id)


def _last_buttons(tx: Connection, conversation_id: int) -> tuple[Button, ...]:
    """What the last delivered message with buttons offered; Zalo shows them as numbered lines."""
    last = outbox.delivered(tx, conversation_id)[-LAST_OFFERS:]
    return next((said.answer.buttons for said in reversed(last) if said.answer.buttons), ())


def _agrees_to_soft_check(tx: Connection, now: datetime, row: Row, text: str) -> bool:
    """A bare yes to the soft check, when that was the last thing said."""
    if row.check_said_at is None or row.check_said_at < now - SOFT_CHECK_ANSWER:
        return False
    if text.strip().strip(".!, ").lower() not in find("agreement"):
        return False
    last = select(func.max(outbound.c.id)).where(
        outbound.c.conversation_id == row.id, outbound.c.state == OutState.SENT.value
    )
    body = tx.execute(select(outbound.c.body).where(outbound.c.id == last.scalar_subquery())).scalar()
    return bool(body and body.get("extra", {}).get("soft_check"))
