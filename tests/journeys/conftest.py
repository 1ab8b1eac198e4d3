"""The whole product as `tianang up` starts it: four processes, a trained model, fakes only for Telegram and Zalo."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from helpline import keyring
from helpline.db import Database
from helpline.settings import Settings
from tests.fakes.fake_telegram import SECRET_HEADER, FakeTelegram
from tests.fakes.fake_zalo import FakeZalo
from tests.servers import free_port, serve, wait_until

ROOT = Path(__file__).parents[2]
SECRET = "telegram-secret-of-the-tests"
UP_WITHIN_S = 240  # with two busy cores and, on a fresh clone, the training


@dataclass
class System:
    """``web`` and ``desk`` are addresses; ``admin`` the first administrator's login and one-time password."""

    web: str
    desk: str
    admin: tuple[str, str]
    telegram: FakeTelegram
    zalo: FakeZalo
    var: Path
    process: subprocess.Popen[str]

    def telegram_says(self, chat: int, text: str) -> None:
        update = self.telegram.say(chat, text)
        assert httpx.post(f"{self.web}/webhooks/telegram", json=update, headers={SECRET_HEADER: SECRET}).status_code == 200

    def zalo_says(self, user: str, text: str) -> None:
        body, headers = self.zalo.signed(self.zalo.user_text(user, text))
        assert httpx.post(f"{self.web}/webhooks/zalo", content=body, headers=headers).status_code == 200

    def database(self) -> Database:
        settings = Settings(var=self.var)
        return Database(settings.database, keyring.load(settings))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    telegram, zalo = FakeTelegram(), FakeZalo()
    with ExitStack() as stack:
        telegram_url = stack.enter_context(serve(telegram.app()))
        zalo_url = stack.enter_context(serve(zalo.app()))
        web, desk, brain, actions = (free_port() for _ in range(4))
        own = {
            "VAR": folder / "var",
            "MODEL_DIR": ROOT / "models",
            "GATEWAY_PORT": web,
            "DESK_PORT": desk,
            "BRAIN_URL": f"http://127.0.0.1:{brain}",
            "ACTIONS_PORT": actions,
            "PUBLIC_URL": "https://example.vn",
            "TELEGRAM_TOKEN": telegram.token,
            "TELEGRAM_SECRET": SECRET,
            "TELEGRAM_API": telegram_url,
            "ZALO_APP_ID": zalo.app_id,
            "ZALO_OA_SECRET": zalo.oa_secret,
            "ZALO_APP_SECRET": zalo.app_secret,
            "ZALO_ACCESS_TOKEN": zalo.access_token,
            "ZALO_REFRESH_TOKEN": zalo.refresh_token,
            "ZALO_API": zalo_url,
            "ZALO_OAUTH": zalo_url,
        }
        environ = {k: v for k, v in os.environ.items() if not k.startswith("TIANANG_")}
        environ |= {f"TIANANG_{name}": str(value) for name, value in own.items()}
        output = folder / "up.txt"
        with output.open("w") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "tianang", "up"], cwd=ROOT, env=environ, stdout=sink, stderr=sink, text=True
            )
        try:
            wait_until(
                lambda: "stop with Ctrl-C" in output.read_text() or process.poll() is not None, UP_WITHIN_S, "not up in time"
            )
            told = output.read_text()
            assert process.poll() is None, told
            found = re.search(r"first administrator: (\S+)\s+one-time password: (\S+)", told)
            assert found, told
            yield System(
                f"http://127.0.0.1:{web}",
                f"http://127.0.0.1:{desk}",
                (found[1], found[2]),
                telegram,
                zalo,
                folder / "var",
                process,
            )
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(30)
        assert code == 0, output.read_text()
