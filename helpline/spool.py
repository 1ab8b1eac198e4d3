"""Where messages go while the database cannot be written: one encrypted file each, drained in order.

A record says whether the first response went out already, so that draining does not say it again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from helpline.errors import SettingError
from helpline.keyring import Keyring
from helpline.messages import Channel, InboundMessage, Kind

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Spooled:
    path: Path
    message: InboundMessage
    first_said: bool


class Spool:
    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring

    def keep(self, message: InboundMessage, first_said: bool) -> Path:
        """Write one message durably (flushed to the disk before this returns).

        A repeat of the same message writes the same file again; it never takes back that the first response was
        said. Raises `OSError` when the disk refuses too: the caller then has only the log and the platform's retry.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(message)
        if path.exists():
            first_said = first_said or self._read(path).first_said
        record = {
            "channel": message.channel.value,
            "channel_message_id": message.channel_message_id,
            "user": message.user,
            "text": message.text,
            "kind": message.kind.value,
            "sent_at": message.sent_at.isoformat(),
            "received_at": message.received_at.isoformat(),
            "reply_to": message.reply_to,
            "payload": message.payload,
            "first_said": first_said,
        }
        partial = path.with_suffix(".part")
        with partial.open("w") as file:
            file.write(self._keyring.encrypt(json.dumps(record, ensure_ascii=False)))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return path

    def waiting(self) -> Iterator[Spooled]:
        """What waits, oldest first. A file that cannot be read is reported and left for the operator."""
        for path in sorted(self._folder.glob("*.msg")):
            try:
                yield self._read(path)
            except (OSError, ValueError, KeyError, SettingError) as error:
                log.error("spool file %s cannot be read: %s", path.name, type(error).__name__)

    def count(self) -> int:
        return sum(1 for _ in self._folder.glob("*.msg"))

    def _path(self, message: InboundMessage) -> Path:
        name = self._keyring.pseudonym(message.channel.value, message.channel_message_id)
        for present in self._folder.glob(f"*-{name}.msg"):
            return present
        return self._folder / f"{message.received_at:%Y%m%dT%H%M%S.%f}-{name}.msg"

    def _read(self, path: Path) -> Spooled:
        record = json.loads(self._keyring.decrypt(path.read_text()))
        message = InboundMessage(
            channel=Channel(record["channel"]),
            channel_message_id=record["channel_message_id"],
            user=record["user"],
            text=record["text"],
            kind=Kind(record["kind"]),
            sent_at=datetime.fromisoformat(record["sent_at"]),
            received_at=datetime.fromisoformat(record["received_at"]),
            reply_to=record["reply_to"],
            payload=record["payload"],
        )
        return Spooled(path, message, bool(record["first_said"]))
