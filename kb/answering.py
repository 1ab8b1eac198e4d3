"""A question in, answers out. Everything said comes from the entries and lists of the knowledge base."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from helpline.clock import Clock, local
from helpline.db import Database
from helpline.errors import StoreUnavailable
from helpline.messages import Answer
from kb import ages, audience, content, documents, misses, models, services, store, swim
from kb.ages import Age
from kb.choice import Choice, choose
from kb.content import Content
from kb.places import PlaceKind, PlaceMatch, split_type
from kb.replies import REORGANISED, Replies, with_sentence
from kb.rows import Service, SwimClass
from kb.schema import Audience, Entry
from kb.search import Index, Query, Reader
from kb.words import words
from vietnamese.normal import normalise

log = logging.getLogger(__name__)

PLACE_TOPICS = frozenset({"trusted_address", "shelter", "models", "swim_class"})
BENEFIT_TOPICS = frozenset(
    {"social_assistance", "orphan_support", "disability_support", "poor_household", "health_support"}
)
LOOK_AGAIN = timedelta(seconds=1)  # how often the revision of the entries is asked for, at most
SHORT = 7  # words up to which a place elsewhere is taken to be the asker's
MISS_TEXT = 500  # code points of an unanswered question that editors get to see

_MORE = frozenset({"xem them", "xem tiep", "doc them", "doc tiep", "chi tiet"})
_WHERE = re.compile(
    r"\bo dau\b|\bcho nao\b|\bnoi nao\b|\bdau\b|dia chi nao|danh sach|gan (?:nhat|day|toi|em|nha|cho)|\bnha nao\b|"
    r"\bco\b.{0,60}\b(?:khong|chua)\b|\bcon\b.{0,30}\b(?:khong|duy tri|hoat dong|mo)|\bmay (?:noi|cho|dia chi)|"
    r"(?:mo hinh|cau lac bo|dia chi tin cay|nha tam lanh|diem tam lanh).{0,12}\bnao\b|cho xin|tim "
)
_BECAME = re.compile(
    r"(?:gio|nay|bay gio|hien nay|hien tai|moi) (?:la |thuoc |nhap |ve |goi la |ten )*(?:xa|phuong|dau|ten gi|gi)\b|"
    r"thuoc (?:xa|phuong) nao|(?:nhap|sap nhap) (?:vao|ve|voi) (?:dau|xa nao|phuong nao|xa|phuong)|"
    r"(?:ubnd|uy ban nhan dan|uy ban) (?:xa|phuong|nao) ?(?:nao)?\b|ten moi"
)
_NEAR_ME = re.compile(r"\bgan (?:day|nhat|toi|em|nha|cho|minh|chau|con|khu)\b")
_OF_MODELS = words("models", "generic")
_OF_REFUGE = words("refuge", "generic")
_DOOR_WORDS = "UBND"
_COMMUNES = (PlaceKind.COMMUNE_NOW, PlaceKind.COMMUNE_OLD)


@dataclass(frozen=True)
class Question:
    """What is asked, and what is known of it. All but the text may be missing.

    ``text`` is as typed (of a tapped button: its value). ``topic`` is one of the contract's information topics as
    understanding predicted it, with its ``confidence`` from 0 to 1; for a short reply ("ở Uông Bí", "8 tuổi") it is
    the topic that the conversation is on. ``place`` is a place's name in any spelling (a slot's value), used when
    the text names none; ``age`` is in years, used in the same way. ``audience`` is ``child``, ``adult`` or
    ``official``; None: told from the text. ``topics``: how likely other topics are too, from 0 to 1; empty: only
    ``topic`` counts. ``previous_entry_id`` is ``Answer.extra["entry_id"]`` of the answer
    before; "xem thêm" goes on from it. ``keep_miss``: whether the editors are told when nothing is found.
    """

    text: str
    topic: str | None = None
    confidence: float = 0.0
    place: str | None = None
    age: int | None = None
    audience: str | None = None
    previous_entry_id: str | None = None
    keep_miss: bool = True
    topics: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:  # never the words or the place in a log
        return f"Question({self.topic}, {self.confidence:.2f}, {len(self.text)} code points)"


@dataclass(frozen=True)
class _Asked:
    """A question read: where, who, how old."""

    question: Question
    query: Query
    plain: str
    place: PlaceMatch | None  # from the text, else from the slot
    named: bool  # the place stands in the text
    age: Age | None
    told: Audience | None  # None: nothing shows it
    previous: Entry | None

    @property
    def audience(self) -> Audience:
        return self.told or Audience.ADULT

    @property
    def topic(self) -> str | None:
        return self.question.topic or (self.previous.topic if self.previous else None)

    @property
    def reply_only(self) -> bool:
        """Nothing but a place or an age: the reply to a question of ours, or a question carried on."""
        return self.query.words == 0 and self.query.places > 0

    @property
    def place_counts(self) -> bool:
        return self.place is not None and self.place.kind is not PlaceKind.PROVINCE


@dataclass(frozen=True)
class _State:
    """The entries and places in force at one revision, the entries indexed."""

    revision: int
    year: int
    content: Content  # with the imported places and classes
    entries: dict[str, Entry]
    topics: frozenset[str]
    index: Index
    replies: Replies
    reader: Reader


class Answering:
    """Answers from the published entries. One for the process; safe to call from several threads.

    The entries are read again when their revision has changed, looked at once a second at most. While the database
    cannot be read, the last ones serve; before any were read, those of the reviewed content.
    """

    def __init__(self, db: Database, clock: Clock, own_content: Content | None = None) -> None:
        self._db = db
        self._clock = clock
        self._content = own_content or content.load()
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._look_again: datetime | None = None

    def answer(self, question: Question) -> list[Answer]:
        """One to three bubbles, the fact that was asked for in the first one; never an empty list.

        Each answer has whole citation strings, its ``topic``, and in ``extra``: ``entry_id`` (give it back as
        ``previous_entry_id``), ``found`` (False: nothing known, nearest questions are offered and the miss is kept
        for the editors), ``asks`` (``place`` where the next message is wanted as that), ``score``.
        """
        state = self._current()
        asked = self._read(state, question)
        if _key(asked.plain) in _MORE and asked.previous:
            return state.replies.more(asked.previous, asked.audience)
        if asked.reply_only and (carried := self._carried_on(state, asked)):
            return carried
        if found := self._by_number(state, asked):
            return found
        if asked.place and asked.named and asked.place.kind is PlaceKind.COMMUNE_OLD and _BECAME.search(asked.plain):
            if asked.topic not in PLACE_TOPICS:
                return state.replies.door(asked.place, asked.topic or "organisation", None, asked.audience, self._today())
        if warned := self._warned(state, asked):
            return warned
        choice = choose(
            state.index, question.text, self._topic(state, asked), question.confidence, asked.told, question.topics
        )
        if choice.score < 1.0:
            if estimated := self._estimated(state, asked, choice):
                return estimated
            if fined := self._fined(state, asked, choice):
                return fined
            if listed := self._by_subject(state, asked, choice):
                return listed
        return self._answered(state, asked, choice)

    def warm(self) -> None:
        """Read and index the entries now (about two seconds), so that the first question need not wait. A repeat is free."""
        self._current()

    def more(self, entry_id: str, audience: str | None = None) -> list[Answer]:
        """The longer part of an entry, and what stands near it as buttons. The same as asking "xem thêm"."""
        state = self._current()
        entry = state.entries.get(entry_id)
        who = Audience(audience) if audience else Audience.ADULT
        if entry is None:
            return [state.replies.not_found(Choice(None), who, None)]
        return state.replies.more(entry, who)

    # reading

    def _read(self, state: _State, question: Question) -> _Asked:
        place = self._content.gazetteer.best(question.text)
        named = place is not None
        if (place is None or place.kind is PlaceKind.PROVINCE) and question.place:
            slot = self._content.gazetteer.resolve(question.place)
            place = slot or place
        said = ages.find(question.text, state.year)
        age = said[0] if said else None
        if age is None and question.age is not None:
            age = Age((0, 0), f"{question.age} tuổi", question.age, question.age)
        told = Audience(question.audience) if question.audience else audience.tell(question.text)
        return _Asked(
            question=question,
            query=state.index.read(question.text),
            plain=normalise(question.text).plain,
            place=place,
            named=named,
            age=age,
            told=told,
            previous=state.entries.get(question.previous_entry_id or ""),
        )

    @staticmethod
    def _topic(state: _State, asked: _Asked) -> str | None:
        return asked.question.topic if asked.question.topic in state.topics else None

    # the ways to an answer

    def _carried_on(self, state: _State, asked: _Asked) -> list[Answer]:
        """A bare place or age: the talk goes on about it."""
        topic, entry_id = asked.topic, asked.previous.id if asked.previous else None
        if topic == "swim_class" and asked.age and (answer := self._swim(state, asked, entry_id)):
            return self._with_commune(state, asked, answer, entry_id)
        if not asked.place or not asked.named or not asked.place_counts:
            return []
        if topic is None:
            return [state.replies.ask_what(asked.place, asked.audience)]
        if asked.place.kind is PlaceKind.OUTSIDE:
            return [state.replies.outside(asked.place, asked.audience, topic)]
        if unsure := self._unsure(state, asked, topic, entry_id):
            return [unsure]
        if topic in PLACE_TOPICS and topic != "swim_class":
            return state.replies.at_place(topic, asked.place, asked.audience, entry_id, self._today())
        if topic not in state.topics:
            return []
        first, *others = state.replies.door(asked.place, topic, entry_id, asked.audience, self._today())
        if topic == "swim_class":
            first = state.replies.swim_at(first, asked.place, asked.audience, self._today())
        return [first, *others]

    def _by_number(self, state: _State, asked: _Asked) -> list[Answer]:
        """A document named by its number, where the talk is of documents."""
        of_documents = asked.question.topic == "documents"
        if not of_documents and asked.question.topic is not None and asked.question.confidence >= 0.5:
            return []
        if state.index.exact(asked.question.text):
            return []
        named = documents.references(asked.question.text, bare=of_documents)
        if not named or not (of_documents or asked.query.words <= 8):
            return []
        sources = [source for one in named for source in state.replies.documents.by_reference(one)[:2]]
        if sources:
            return state.replies.document(list({source.id: source for source in sources}.values()))
        sure = next((one for one in named if one.kind or one.symbol), None)
        if sure is None or not of_documents:
            return []
        self._keep_miss(asked, Choice(None))
        return [state.replies.no_document(sure.number)]

    def _by_subject(self, state: _State, asked: _Asked, choice: Choice) -> list[Answer]:
        """Documents about a subject, where no entry answers better."""
        if asked.question.topic != "documents" or (choice.best and choice.best.score >= 0.3):
            return []
        found = [document.source for document in state.replies.documents.by_subject(asked.question.text)]
        if len(found) == 1:
            return state.replies.document(found)
        return [state.replies.document_list(found)] if found else []

    def _warned(self, state: _State, asked: _Asked) -> list[Answer]:
        """A place that must never be recommended, named in the question: it is said so, by its entry where there is one."""
        row = services.warned_of(state.content.services, asked.question.text)
        if row is None:
            return []
        entry = next((one for one in state.entries.values() if row.name in one.short), None)
        return [state.replies.entry(entry, asked.audience) if entry else state.replies.never(row)]

    def _estimated(self, state: _State, asked: _Asked, choice: Choice) -> list[Answer]:
        """A benefit computed for a group that the question names."""
        topic = asked.question.topic
        if state.replies.benefits is None or topic not in BENEFIT_TOPICS:
            return []
        age = asked.age.low if asked.age else None
        estimates = state.replies.benefits.asked(asked.question.text, age, self._today())
        if not estimates:
            return []
        entry = choice.best.entry if choice.best and choice.best.entry.topic == topic else None
        return [state.replies.estimate(estimates, topic or "social_assistance", entry)]

    def _fined(self, state: _State, asked: _Asked, choice: Choice) -> list[Answer]:
        """The fine for an act that the question names."""
        rows = state.replies.fines.asked(asked.question.text)
        if not rows:
            return []
        entry = choice.best.entry if choice.best and choice.best.entry.topic in ("penalties", rows[0].topic) else None
        return [state.replies.fine(rows, asked.question.text, entry)]

    def _answered(self, state: _State, asked: _Asked, choice: Choice) -> list[Answer]:
        topic = choice.best.entry.topic if choice.best else self._topic(state, asked)
        entry_id = choice.best.entry.id if choice.best else None
        if topic in PLACE_TOPICS and asked.place_counts and self._asks_of_place(asked, choice):
            if placed := self._of_place(state, asked, topic, entry_id):
                return placed
        if choice.best is None and topic == "swim_class" and swim.asks_who(asked.question.text):
            if may_join := self._swim(state, asked, None):
                return self._with_commune(state, asked, may_join, None)
        if choice.best is None:
            self._keep_miss(asked, choice)
            if topic and choice.near and choice.near[0].entry.topic == topic:
                return [state.replies.nearest(choice, asked.audience)]
            return [state.replies.not_found(choice, asked.audience, topic)]
        near = [one.entry for one in choice.near] if choice.doubtful else []
        answer = state.replies.entry(choice.best.entry, asked.audience, near, choice.score)
        if topic == "swim_class":
            return self._swim_answers(state, asked, answer, entry_id)
        if asked.named and asked.place and _DOOR_WORDS in answer.text:
            if asked.place.kind is PlaceKind.COMMUNE_OLD:
                answer = with_sentence(answer, state.replies.became(asked.place), state.replies.cited([REORGANISED]))
            answer = state.replies.with_contacts(answer, asked.place, self._today())
        if topic in PLACE_TOPICS and not asked.place and _NEAR_ME.search(asked.plain):
            return [answer, state.replies.ask_where(asked.audience, topic, entry_id)]
        return [answer]

    def _asks_of_place(self, asked: _Asked, choice: Choice) -> bool:
        """Whether the place is what is asked about, and not only where the asker lives."""
        if asked.place and asked.place.kind is PlaceKind.OUTSIDE:
            return asked.named and (asked.query.words <= SHORT or _lives_in(asked))
        if choice.best is None:
            return asked.named
        if choice.best.entry.topic == "swim_class":
            return False
        if not (asked.named or _WHERE.search(asked.plain)):
            return False
        about = choice.best.entry
        about_models = about.topic == "models"
        if about_models and asked.place and asked.named:
            if _mentions(about, asked.place):
                return False
            if asked.place.kind in _COMMUNES and models.at_place(self._content.models, asked.place):
                return True
        rest = set(asked.plain.split()) - (_OF_MODELS if about_models else _OF_REFUGE) - set(_place_words(asked))
        return choice.best.placed or len(rest) < 2 or bool(_WHERE.search(asked.plain))

    def _of_place(self, state: _State, asked: _Asked, topic: str, entry_id: str | None) -> list[Answer]:
        assert asked.place is not None
        if asked.place.kind is PlaceKind.OUTSIDE:
            return [state.replies.outside(asked.place, asked.audience, topic)]
        if unsure := self._unsure(state, asked, topic, entry_id):
            return [unsure]
        if topic == "swim_class":
            return []
        return state.replies.at_place(topic, asked.place, asked.audience, entry_id, self._today())

    @staticmethod
    def _unsure(state: _State, asked: _Asked, topic: str | None, entry_id: str | None) -> Answer | None:
        """A name that fits several places, or a commune of which nobody knows what it is today."""
        assert asked.place is not None
        if asked.place.ambiguous:
            return state.replies.which(asked.place, topic, entry_id)
        if asked.place.kind is PlaceKind.COMMUNE_OLD and not asked.place.now:
            return state.replies.unresolved(asked.place, topic, entry_id)
        return None

    def _swim(self, state: _State, asked: _Asked, entry_id: str | None) -> Answer | None:
        programme = swim.programme(self._content.swim)
        if programme is None or asked.age is None:
            return None
        groups = swim.circumstances(asked.question.text, asked.place)
        return state.replies.swim_age(programme, asked.age, groups, asked.place, asked.audience, entry_id)

    def _swim_answers(self, state: _State, asked: _Asked, answer: Answer, entry_id: str | None) -> list[Answer]:
        """The answer of an entry on the class, with the child's age and the place where they are told."""
        programme = swim.programme(self._content.swim)
        told = ages.find(asked.question.text, state.year)
        if programme and told and answer.extra.get("score", 0.0) < 1.0 and swim.asks_who(asked.question.text):
            first = self._swim(state, asked, entry_id)
            answer = replace(first, buttons=answer.buttons) if first else answer
        elif programme and told and asked.age:
            note = swim.age_sentence(programme, asked.age, asked.audience)
            answer = with_sentence(answer, note, state.replies.cited(programme.citations))
        known = asked.place is not None and asked.place_counts and not asked.place.ambiguous
        if known and asked.place and asked.place.kind is not PlaceKind.OUTSIDE:
            answer = state.replies.swim_at(answer, asked.place, asked.audience, self._today(), asked.named)
        elif asked.place is None and _NEAR_ME.search(asked.plain):
            return [answer, state.replies.ask_where(asked.audience, "swim_class", entry_id)]
        return self._with_commune(state, asked, answer, entry_id)

    def _with_commune(self, state: _State, asked: _Asked, answer: Answer, entry_id: str | None) -> list[Answer]:
        """After an answer that sends people to their commune: which one it is, or the question which."""
        place = asked.place
        if place is None or not asked.named or place.kind in (PlaceKind.OUTSIDE, PlaceKind.PROVINCE):
            return [answer]
        if unsure := self._unsure(state, asked, "swim_class", entry_id):
            return [answer, unsure]
        if place.unit:
            return [with_sentence(answer, state.replies.became(place), state.replies.cited([REORGANISED]))]
        return [answer, *state.replies.ask_commune(place, asked.audience, "swim_class", entry_id)]

    # state

    def _current(self) -> _State:
        now = self._clock.now()
        state = self._state
        if state is not None and self._look_again is not None and now < self._look_again:
            return state
        with self._lock:
            state = self._state
            if state is not None and self._look_again is not None and now < self._look_again:
                return state
            self._state = self._looked_up(state, local(now).year)
            self._look_again = now + LOOK_AGAIN
            return self._state

    def _looked_up(self, state: _State | None, year: int) -> _State:
        try:
            with self._db.read() as tx:
                revision = store.revision(tx)
                if state is not None and state.revision == revision and state.year == year:
                    return state
                entries = store.published(tx)
                own = self._with_imported(*services.listed(tx))
        except StoreUnavailable:
            log.warning("entries cannot be read; the last ones serve")
            return state or self._made(-1, year, list(self._content.entries), self._content, None)
        return self._made(revision, year, entries, own, state)

    def _with_imported(self, rows: list[Service], classes: list[SwimClass]) -> Content:
        """The reviewed content with what editors have imported beside it."""
        own = self._content
        return replace(own, services=services.merged(own.services, rows), swim=services.merged_swim(own.swim, classes))

    def _made(self, revision: int, year: int, entries: list[Entry], own: Content, before: _State | None) -> _State:
        reader = before.reader if before and before.year == year else Reader(self._content.gazetteer, year, self._content.glossary)
        order = {entry.id: at for at, entry in enumerate(self._content.entries)}
        entries = sorted(entries, key=lambda entry: order.get(entry.id, len(order)))
        by_id = {entry.id: entry for entry in entries}
        return _State(
            revision=revision,
            year=year,
            content=own,
            entries=by_id,
            topics=frozenset(entry.topic for entry in entries),
            index=Index(entries, reader),
            replies=Replies(own, by_id),
            reader=reader,
        )

    def _today(self) -> date:
        return local(self._clock.now()).date()

    def _keep_miss(self, asked: _Asked, choice: Choice) -> None:
        if not asked.question.keep_miss:
            return
        offered = [one.entry.id for one in choice.near]
        text = asked.question.text[:MISS_TEXT]
        try:
            with self._db.write() as tx:
                misses.keep(tx, self._clock.now(), text, asked.question.topic, choice.score, offered)
        except StoreUnavailable:
            log.warning("a miss could not be kept")


def _key(plain: str) -> str:
    return " ".join(re.findall(r"\w+", plain))


def _place_words(asked: _Asked) -> list[str]:
    return normalise(asked.place.said).plain.split() if asked.place else []


def _lives_in(asked: _Asked) -> bool:
    """Whether the place is said as where somebody is ("em ở Hải Phòng"), and not as where somebody went."""
    assert asked.place is not None
    before = normalise(asked.question.text[: asked.place.span[0]]).plain.split()
    return bool(before) and before[-1] in ("o", "tai", "que", "nguoi", "tu")


def _mentions(entry: Entry, place: PlaceMatch) -> bool:
    """Whether an entry speaks of the very place."""
    text = re.sub(r"\([^)]*\)", "", f"{entry.short} {entry.more or ''}")  # in brackets stand the districts of others
    return split_type(place.name)[1] in text
