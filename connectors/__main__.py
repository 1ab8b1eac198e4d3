"""`python -m connectors`: the gateway. It starts without Rasa, and without a database that answers."""

from __future__ import annotations

import sys

import uvicorn

from connectors.gateway import Gateway
from helpline import embeddings, keyring, settings
from helpline.db import Database
from helpline.errors import SettingError, StoreUnavailable
from helpline.logs import configure


def main() -> int:
    try:
        own = settings.read()
        ring = keyring.load(own)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    configure(own.log_level, "gateway")
    db = Database(own.database, ring)
    try:
        db.migrate()
    except StoreUnavailable as error:
        print(f"database unavailable ({error}): messages go to the spool until it answers", file=sys.stderr)
    screen = embeddings.open_screen(own)
    screen.assess("khởi động")
    app = Gateway(own, db, ring, screen, warm=lambda: embeddings.with_encoder(screen, own)).app()
    uvicorn.run(app, host=own.gateway_host, port=own.gateway_port, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
