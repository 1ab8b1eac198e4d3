"""``python -m desk``: the counsellors' web application on the staff network."""

from __future__ import annotations

import logging
import sys

import uvicorn

from desk.app import build
from helpline import keyring, settings
from helpline.clock import SystemClock
from helpline.db import Database
from helpline.errors import SettingError, StoreUnavailable

GRACE_S = 5  # open pages may finish this long at the end


def main() -> int:
    """Serve until stopped. A wrong setting or a database out of reach ends the start with one line."""
    try:
        chosen = settings.read()
        keys = keyring.load(chosen)
        db = Database(chosen.database, keys)
        if not db.schema_is_current():
            db.migrate()
    except (SettingError, StoreUnavailable, OSError) as error:
        print(f"desk: {error}", file=sys.stderr)
        return 1
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvicorn.run(
        build(db, keys, SystemClock(), chosen),
        host=chosen.desk_host,
        port=chosen.desk_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
