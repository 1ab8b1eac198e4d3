"""While a counsellor speaks the bot does not: proved over random interleavings of all that can happen."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from helpline import cases, escalation, inbox, outbox
from helpline.clock import MovableClock
from helpline.db import Database
from helpline.errors import CaseClosed, NotOwner
from helpline.intake import Intake
from helpline.keyring import Keyring, new_secret
from helpline.messages import Answer, Author, OutgoingMessage
from helpline.wording import say
from tests.fakes.screen import WordScreen
from tests.helpline.conftest import Line

TEXTS = st.sampled_from(["chào", "bố đánh con", "con buồn lắm", "lớp bơi ở đâu", "cho con gặp người thật"])


class Silence(RuleBasedStateMachine):
    """Sender, Rasa, courier, clock and counsellor act in any order; every step of the courier may also fail or die."""

    @initialize()
    def open(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.folder = folder
        keyring = Keyring(new_secret())
        db = Database(f"sqlite:///{Path(folder.name) / 't.db'}", keyring)
        db.migrate()
        clock = MovableClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
        screen = WordScreen()
        self.line = Line(db, clock, Intake(db, keyring, screen, clock), screen)
        self.owner = self.line.counsellor()
        self.turns: list[inbox.Turn] = []
        self.flying: list[OutgoingMessage] = []
        self.read: list[tuple[Author, str]] = []  # what the sender has seen, in order

    @rule(text=TEXTS)
    def write(self, text: str) -> None:
        self.line.write(text)

    @rule()
    def begin_to_think(self) -> None:
        with self.line.db.write() as tx:
            self.turns += inbox.claim(tx, self.line.clock.now())

    @precondition(lambda self: self.turns)
    @rule(silent=st.booleans())
    def think(self, silent: bool) -> None:
        turn = self.turns.pop(0)
        with self.line.db.write() as tx:
            if silent:
                inbox.silent(tx, self.line.clock.now(), turn)
            else:
                inbox.answer(tx, self.line.clock.now(), turn, [Answer(text="thông tin"), Answer(text="thêm")])

    @rule()
    def claim(self) -> None:
        with self.line.db.write() as tx:
            self.flying += outbox.claim(tx, self.line.clock.now())

    @precondition(lambda self: self.flying)
    @rule()
    def arrive(self) -> None:
        outgoing = self.flying.pop(0)
        self.read.append((outgoing.author, outgoing.answer.text))
        with self.line.db.write() as tx:
            outbox.mark_sent(tx, self.line.clock.now(), outgoing, None)

    def _case(self) -> int | None:
        with self.line.db.read() as tx:
            rows = cases.queue(tx)
        return rows[0].id if rows else None

    @rule()
    def take(self) -> None:
        with self.line.db.write() as tx:
            cases.take_next(tx, self.line.clock.now(), self.owner)

    @rule(how=st.sampled_from(["write", "close", "release"]))
    def counsel(self, how: str) -> None:
        case_id = self._case()
        if case_id is None:
            return
        now = self.line.clock.now()
        try:
            with self.line.db.write() as tx:
                if how == "write":
                    cases.write(tx, now, case_id, self.owner, "cô đây", f"k{len(self.read)}-{now.timestamp()}")
                elif how == "close":
                    cases.close(tx, now, case_id, self.owner, "advised")
                else:
                    cases.release(tx, now, case_id, self.owner)
        except (NotOwner, CaseClosed):
            return

    @rule(seconds=st.sampled_from([1, 20, 40, 200]))
    def wait(self, seconds: int) -> None:
        """Time passes; beyond a lease a delivery or a turn under way counts as died and is done again."""
        self.line.clock.move(timedelta(seconds=seconds))
        if seconds > 30:
            self.flying.clear()
            self.turns.clear()
        with self.line.db.write() as tx:
            escalation.tick(tx, self.line.clock.now())

    @invariant()
    def test_s24_the_bot_is_silent_between_joined_and_the_end(self) -> None:
        if not hasattr(self, "read"):
            return
        held = False
        for author, text in self.read:
            if author is Author.SYSTEM:
                held = text == say("notices.joined")
            assert not (held and author is Author.BOT), self.read

    def teardown(self) -> None:
        if hasattr(self, "line"):
            self.line.db.close()
            self.folder.cleanup()


test_s24_silence = Silence.TestCase
test_s24_silence.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate], suppress_health_check=list(HealthCheck)
)
