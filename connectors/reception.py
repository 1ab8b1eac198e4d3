"""Every message passes here once: into the database, or, when that fails, into the spool with the numbers sent at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool

from connectors.channel import ChannelClient
from connectors.metrics import Metrics
from helpline.clock import Clock
from helpline.errors import SendError, StoreUnavailable
from helpline.first_response import compose
from helpline.intake import Intake, Receipt
from helpline.messages import Answer, Author, Channel, InboundMessage, OutgoingMessage
from helpline.spool import Spool
from helpline.wording import say
from safety.assessment import Level

log = logging.getLogger(__name__)


class Reception:
    """Takes parsed messages from the channels. ``wake`` is called after each one, so that pump and courier act at once."""

    def __init__(
        self,
        intake: Intake,
        spool: Spool,
        clients: Mapping[Channel, ChannelClient],
        clock: Clock,
        metrics: Metrics,
        wake: Callable[[], None],
    ) -> None:
        self._intake = intake
        self._spool = spool
        self._clients = clients
        self._clock = clock
        self._metrics = metrics
        self._wake = wake
        self._direct: set[asyncio.Task[None]] = set()

    async def receive(self, incoming: InboundMessage) -> Receipt | None:
        """Keep one message. None means: the database is down, the message is in the spool, its sender has been
        (or is being) given the numbers. Only when the disk refuses too does this raise `OSError`; the channel then
        answers the platform with an error, so that it sends the message again.
        """
        self._metrics.received.labels(incoming.channel.value).inc()
        try:
            receipt = await run_in_threadpool(self._intake.receive, incoming)
        except StoreUnavailable as error:
            log.error("database unavailable (%s): message goes to the spool", error)
            await self._without_store(incoming)
            return None
        except Exception:  # a fault of ours must not cost the message
            log.exception("intake failed: message goes to the spool")
            await self._without_store(incoming)
            return None
        if receipt.duplicate:
            self._metrics.duplicates.labels(incoming.channel.value).inc()
        else:
            self._metrics.levels.labels(receipt.assessment.level.value).inc()
            for missing in receipt.assessment.broken:
                self._metrics.judged_partly.labels(missing).inc()
        self._wake()
        return receipt

    def emergency_answer(self, incoming: InboundMessage) -> Answer:
        """What is said while nothing can be kept: the first response of a risk text, else that we have it, with numbers."""
        assessment = self._intake.judge(incoming.text)
        if assessment.level is Level.NONE:
            return Answer(text=say("store_down"))
        return compose(assessment, on_shift=0)

    async def _without_store(self, incoming: InboundMessage) -> None:
        self._metrics.spooled.inc()
        answers_itself = incoming.channel is Channel.WEB  # the web chat shows the answer in its own reply
        await run_in_threadpool(self._spool.keep, incoming, answers_itself)
        if answers_itself:
            return
        task = asyncio.create_task(self._say_directly(incoming))
        self._direct.add(task)
        task.add_done_callback(self._direct.discard)

    async def _say_directly(self, incoming: InboundMessage) -> None:
        client = self._clients.get(incoming.channel)
        if client is None:
            return
        answer = await run_in_threadpool(self.emergency_answer, incoming)
        outgoing = OutgoingMessage(
            id=0,
            conversation_id=0,
            channel=incoming.channel,
            address=incoming.reply_to or incoming.user,
            author=Author.BOT,
            answer=answer,
            attempts=1,
            turn_key=f"spool:{incoming.channel_message_id}",
            part=0,
        )
        try:
            await client.send(outgoing)
        except SendError as error:
            log.error("direct answer on %s failed: %s", incoming.channel.value, error.code)
            return
        await run_in_threadpool(self._spool.keep, incoming, True)

    async def drain(self) -> int:
        """Bring what the spool holds into the database, oldest first; returns how many went in.

        Stops at the first that the database does not take. A message whose first response went out directly gets no
        second one.
        """
        drained = 0
        for spooled in await run_in_threadpool(lambda: list(self._spool.waiting())):
            try:
                await run_in_threadpool(self._intake.receive, spooled.message, first_said=spooled.first_said)
            except StoreUnavailable:
                break
            except Exception:  # one that cannot be taken in must not hold back the others
                log.exception("spooled message %s not taken in; the file stays for the operator", spooled.path.name)
                continue
            await run_in_threadpool(spooled.path.unlink)
            drained += 1
        if drained:
            log.warning("spool drained: %d messages", drained)
            self._wake()
        return drained
