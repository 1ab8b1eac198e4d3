"""The tables. Words, addresses and names are encrypted; times are UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator):
    """Aware UTC in Python, naive UTC in the database (the same on SQLite and PostgreSQL)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class EncryptedText(TypeDecorator):
    """Text under the service's key; the key rides on the engine's dialect (see `helpline.db`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else dialect.keyring.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else dialect.keyring.decrypt(value)


class EncryptedJson(EncryptedText):
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else super().process_bind_param(json.dumps(value, ensure_ascii=False), dialect)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else json.loads(super().process_result_value(value, dialect) or "null")


class Json(TypeDecorator):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else json.loads(value)


conversation = Table(
    "conversation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("user_key", String(32), nullable=False),  # pseudonym, see Keyring.pseudonym
    Column("address", EncryptedText, nullable=False),  # what the channel needs to reach the sender
    Column("voice", String(16), nullable=False, server_default="bot"),
    Column("brain_epoch", Integer, nullable=False, server_default="0"),  # a new one is a new Rasa session
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_inbound_at", UtcDateTime),
    Column("noticed_at", UtcDateTime),  # the notice of the first turn was given
    Column("check_said_at", UtcDateTime),  # the soft check was said
    Column("unreachable_at", UtcDateTime),  # the platform refuses to deliver
    Column("left_at", UtcDateTime),  # quick exit of the web chat
    Column("delete_asked_at", UtcDateTime),
    UniqueConstraint("channel", "user_key"),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("channel_message_id", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", EncryptedText, nullable=False),
    Column("cut", Boolean, nullable=False, server_default="0"),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("level", String(16), nullable=False),
    Column("assessment", EncryptedJson, nullable=False),
    Column("brain_state", String(16), nullable=False),
    Column("brain_attempts", Integer, nullable=False, server_default="0"),
    Column("brain_not_before", UtcDateTime),
    Column("brain_lease_until", UtcDateTime),
    UniqueConstraint("channel", "channel_message_id"),
    Index("ix_message_brain", "brain_state", "conversation_id", "id"),
    Index("ix_message_conversation_id_id", "conversation_id", "id"),
)

outbound = Table(
    "outbound",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", ForeignKey("message.id", ondelete="SET NULL")),  # in reply to
    Column("staff_id", ForeignKey("staff.id")),  # author, where a counsellor wrote it
    Column("turn_key", String(64), nullable=False),
    Column("part", Integer, nullable=False),
    Column("author", String(16), nullable=False),
    Column("urgent", Boolean, nullable=False, server_default="0"),  # a first response
    Column("place", Integer, nullable=False),  # the order in which the messages of one conversation leave
    Column("body", EncryptedJson, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("uncertain", Integer, nullable=False, server_default="0"),  # tries that may have arrived
    Column("created_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("sent_seq", Integer),  # the order in which the messages of one conversation left, from 1
    Column("channel_message_id", String(128)),
    Column("error", String(128)),
    UniqueConstraint("turn_key", "part"),
    Index("ix_outbound_state_not_before", "state", "not_before"),
    Index("ix_outbound_conversation_id_place", "conversation_id", "place"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("role", String(16), nullable=False),  # counsellor, supervisor, editor, admin
    Column("password_hash", String(256), nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default="1"),
    Column("active", Boolean, nullable=False, server_default="1"),
    Column("on_shift_since", UtcDateTime),
    Column("last_seen_at", UtcDateTime),
    Column("failed_logins", Integer, nullable=False, server_default="0"),
    Column("locked_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
)

case = Table(
    "case_",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", ForeignKey("message.id", ondelete="SET NULL")),  # the one that opened it
    Column("state", String(16), nullable=False),  # waiting, taken, closed
    Column("level", String(16), nullable=False),
    Column("category", String(32), nullable=False),
    Column("who", String(16), nullable=False),
    Column("reason", EncryptedJson, nullable=False),  # rules and words that opened or raised it
    Column("opened_at", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("owner_id", ForeignKey("staff.id")),
    Column("owner_active_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("alarm_stage", Integer, nullable=False, server_default="0"),
    Column("wait_lines", Integer, nullable=False, server_default="0"),
    Column("outcome", String(32)),
    Column("note", EncryptedText),
    Index("ix_case__state_level_waiting_since", "state", "level", "waiting_since"),
    Index(
        "uq_case__open_conversation",
        "conversation_id",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),  # "system", "gateway" or "staff:<id>"
    Column("action", String(64), nullable=False),
    Column("object_type", String(32), nullable=False),
    Column("object_id", String(64), nullable=False),
    Column("details", Json, nullable=False),  # ids, counts, rule names; never words of a sender
    Index("ix_audit_object_type_object_id", "object_type", "object_id"),
)

channel_token = Table(
    "channel_token",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("access_token", EncryptedText, nullable=False),
    Column("refresh_token", EncryptedText, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

cursor = Table(  # where a poller stands (Telegram's update id)
    "cursor",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
)

kb_entry = Table(
    "kb_entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry_id", String(96), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # draft, reviewed, published, retired, dropped
    Column("origin", String(16), nullable=False),  # content (reviewed in git) or desk (an editor)
    Column("body", Json, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("author", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reviewer", String(64)),  # who published it, sent it back, or withdrew it
    Column("decided_at", UtcDateTime),
    Column("note", Text),  # of the author on what changed, or of the reviewer on why not
    UniqueConstraint("entry_id", "version"),
    Index("ix_kb_entry_state", "state"),
)

kb_revision = Table(  # one row, counted up by every change, so that readers know when to load again
    "kb_revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", Integer, nullable=False),
)

kb_miss = Table(  # what could not be answered; without who asked
    "kb_miss",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("text", EncryptedText, nullable=False),
    Column("topic", String(64)),
    Column("score", Float),
    Column("answered_with", Json, nullable=False),
    Column("handled_at", UtcDateTime),
    Column("handled_by", String(64)),
    Column("handled_as", String(16)),  # drafted, dismissed
    Column("entry_id", String(96)),  # the entry that was written for it
)

kb_import = Table(  # a file that an editor brought: first checked, then loaded whole or not at all, perhaps undone
    "kb_import",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # services, swim, document
    Column("filename", String(200), nullable=False),
    Column("digest", String(64), nullable=False),  # of the file's bytes
    Column("source", String(96)),  # of a document: what its drafts cite
    Column("state", String(16), nullable=False),  # checked, loaded, undone, discarded
    Column("read", Json),  # what was read in the file, until it is loaded
    Column("report", Json, nullable=False),  # what was refused and why, what became of the rest
    Column("author", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("loaded_at", UtcDateTime),
    Column("undone_at", UtcDateTime),
    Column("undone_by", String(64)),
    Index("ix_kb_import_state", "state"),
)

kb_service = Table(  # a place or a class that people are sent to; rows are never changed, only replaced or withdrawn
    "kb_service",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),  # see kb.services.KINDS
    Column("scope", String(16), nullable=False),  # whom it serves: commune, district (a former one), province
    Column("commune", String(64)),  # a present unit of places.yml
    Column("district", String(64)),  # a former district, where it serves all of it
    Column("name", String(200), nullable=False),
    Column("address", String(300)),
    Column("phone", String(16)),
    Column("hours", String(200)),
    Column("details", Json, nullable=False),  # fields of this kind only
    Column("valid_from", Date),
    Column("valid_to", Date),  # the last day
    Column("source", String(200), nullable=False),
    Column("last_checked", Date, nullable=False),
    Column("state", String(16), nullable=False),  # in_force, replaced, withdrawn
    Column("identity", String(64), nullable=False),  # the same for two tellings of one place
    Column("digest", String(64), nullable=False),
    Column("author", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("batch_id", ForeignKey("kb_import.id"), nullable=False),
    Column("replaces_id", ForeignKey("kb_service.id")),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", String(64)),
    Index("ix_kb_service_batch_id", "batch_id"),
    Index(
        "uq_kb_service_in_force_identity",
        "identity",
        unique=True,
        sqlite_where=text("state = 'in_force'"),
        postgresql_where=text("state = 'in_force'"),
    ),
)
