"""``python -m desk``: the counsellors' web application on the staff network."""

from __future__ import annotations

import logging
import sys
import threading

import uvicorn

from desk.app import build
from helpline import keyring, settings
from helpline.clock import SystemClock, local
from helpline.db import Database
from helpline.errors import SettingError, StoreUnavailable

WARM_AFTER_S = 45  # then the other processes have started too, and the first search of the knowledge need not wait
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
    app = build(db, keys, SystemClock(), chosen)
    warming = threading.Timer(WARM_AFTER_S, app.state.shelf.warm, (db, local(SystemClock().now()).date()))
    warming.daemon = True
    warming.start()
    uvicorn.run(
        app,
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
