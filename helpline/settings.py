"""All settings in one table, read once from the environment.

Every setting is an environment variable ``TIANANG_<NAME>``. A wrong value stops the start with a line that names
it. Secrets hide in ``repr``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from helpline.errors import SettingError

PREFIX = "TIANANG_"


class Secret(str):
    """A string that does not show itself in logs and tracebacks."""

    def __repr__(self) -> str:
        return "Secret(set)" if self else "Secret(empty)"


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True)
class Settings:
    var: Path = _setting(Path("var"), "folder of everything that running writes: database, spool, keys, logs")
    database_url: str = _setting("", "SQLAlchemy address; empty: SQLite in the var folder")
    secret_key: Secret = _setting(
        Secret(""), "key of encryption and signatures, 32 bytes urlsafe base64; empty: made once in the var folder"
    )
    model_dir: Path = _setting(Path("models"), "folder of trained models")
    encoder: str = _setting("bundled", "sentence vectors of the screen: bundled, none, or the address of an embeddings endpoint")
    encoder_key: Secret = _setting(Secret(""), "key of the embeddings endpoint; empty: none")
    gateway_host: str = _setting("127.0.0.1", "address on which the gateway listens")
    gateway_port: int = _setting(8000, "port of the gateway (web chat and webhooks)")
    desk_host: str = _setting("127.0.0.1", "address on which the desk listens; staff network only")
    desk_port: int = _setting(8001, "port of the desk")
    public_url: str = _setting("", "https address under which the platforms reach the gateway; empty: none")
    brain_url: str = _setting("http://127.0.0.1:5005", "where Rasa answers (loopback)")
    brain_token: Secret = _setting(Secret(""), "token of Rasa's REST interface; empty: made at start by `tianang up`")
    brain_timeout_s: float = _setting(8.0, "seconds that Rasa may be silent before the sender gets a line of ours")
    actions_port: int = _setting(5055, "port of the action server (loopback)")
    telegram_token: Secret = _setting(Secret(""), "bot token from BotFather; empty: no Telegram")
    telegram_secret: Secret = _setting(Secret(""), "secret_token given to setWebhook; needed with the webhook")
    telegram_api: str = _setting("https://api.telegram.org", "address of the Bot API")
    zalo_app_id: str = _setting("", "app id of the Zalo console; empty: no Zalo")
    zalo_oa_secret: Secret = _setting(Secret(""), "OA Secret Key of the console's Webhook page (signs webhooks)")
    zalo_app_secret: Secret = _setting(Secret(""), "app secret key (token refresh)")
    zalo_access_token: Secret = _setting(Secret(""), "first access token; later ones live in the database")
    zalo_refresh_token: Secret = _setting(Secret(""), "first refresh token; later ones live in the database")
    zalo_api: str = _setting("https://openapi.zalo.me", "address of the Zalo OA API")
    zalo_oauth: str = _setting("https://oauth.zaloapp.com", "address of Zalo's token service")
    max_text: int = _setting(20000, "code points of a message that are kept and read; the rest is cut and said so")
    retention_days: int = _setting(90, "days after which messages without an open case are deleted")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.var / 'tianang.db').resolve()}"

    @property
    def spool_dir(self) -> Path:
        return self.var / "spool"


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises `SettingError` naming the variable when a value does not fit its type or the variable is unknown
    (a typing error in a name must not pass unseen); the operator corrects it and starts again.
    """
    environ = os.environ if environ is None else environ
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    unknown = sorted(k for k in environ if k.startswith(PREFIX) and k not in known)
    if unknown:
        raise SettingError(f"{unknown[0]}: no such setting; `tianang doctor --settings` lists them all")
    values: dict[str, Any] = {}
    for variable, f in known.items():
        raw = environ.get(variable)
        if raw is None or (raw == "" and not isinstance(f.default, str)):
            continue
        try:
            values[f.name] = type(getattr(Settings, f.name))(raw)
        except ValueError as error:
            raise SettingError(f"{variable}: {raw!r} is no {type(f.default).__name__}") from error
    settings = Settings(**values)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    for name in ("gateway_port", "desk_port", "actions_port"):
        if not 0 < getattr(settings, name) < 65536:
            raise SettingError(f"{PREFIX}{name.upper()}: a port is a number from 1 to 65535")
    if settings.public_url and not settings.public_url.startswith("https://"):
        raise SettingError(f"{PREFIX}PUBLIC_URL: the platforms call only https addresses")
    if settings.telegram_token and settings.public_url and not settings.telegram_secret:
        raise SettingError(f"{PREFIX}TELEGRAM_SECRET: needed with {PREFIX}PUBLIC_URL, or anybody could write as Telegram")
    if settings.zalo_app_id and not settings.zalo_oa_secret:
        raise SettingError(f"{PREFIX}ZALO_OA_SECRET: needed with {PREFIX}ZALO_APP_ID, or no webhook can be verified")
    if settings.encoder not in ("bundled", "none") and not settings.encoder.startswith(("http://", "https://")):
        raise SettingError(f"{PREFIX}ENCODER: bundled, none, or an address that begins with http:// or https://")
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise SettingError(f"{PREFIX}LOG_LEVEL: DEBUG, INFO, WARNING or ERROR")
    if settings.max_text < 200 or settings.retention_days < 1 or settings.brain_timeout_s <= 0:
        raise SettingError("TIANANG_MAX_TEXT (from 200), TIANANG_RETENTION_DAYS (from 1), TIANANG_BRAIN_TIMEOUT_S (above 0)")


def table() -> list[tuple[str, str, str]]:
    """Rows (variable, default, help) of every setting; `docs/settings.md` and `doctor` are made from it."""
    return [(PREFIX + f.name.upper(), str(f.default), f.metadata["help"]) for f in fields(Settings)]
