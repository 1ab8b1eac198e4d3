"""Where sentence vectors come from: an endpoint that answers well, badly or not at all, and what the settings name."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from helpline import embeddings
from helpline.embeddings import Endpoint, open_encoder, open_screen, with_encoder
from helpline.settings import Settings
from safety.encoder import EncoderFailed, Heads
from safety.encoder.encoder import WIDTH


class Service:
    """An embeddings endpoint whose answers a test chooses; vectors of the probes are right unless ``wrong``."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.status = 200
        self.wrong = False
        self.body: Any = None
        self.keys: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        self.calls.append(sent)
        self.keys.append(request.headers.get("authorization"))
        if self.body is not None:
            return httpx.Response(self.status, content=self.body)
        heads = Heads.load()
        known = dict(zip(heads.probes, heads.probe_vectors.tolist(), strict=True))
        other = [1.0] + [0.0] * (WIDTH - 1)
        vectors = [other if self.wrong else known.get(text, other) for text in sent["input"]]
        data = [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]
        return httpx.Response(self.status, json={"data": data[::-1]})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def endpoint(service: Service) -> Endpoint:
    return Endpoint("http://encoder.test/", "chìa khóa".encode().hex(), httpx.MockTransport(service))


def test_it_is_recognised_once_and_then_asked(endpoint: Endpoint, service: Service) -> None:
    assert endpoint.encode(["một", "hai"]).shape == (2, WIDTH)
    endpoint.encode(["ba"])
    assert [call["input"] for call in service.calls] == [list(Heads.load().probes), ["một", "hai"], ["ba"]]
    assert set(service.keys) == {"Bearer " + "chìa khóa".encode().hex()}


def test_vectors_stand_in_the_order_of_the_texts(endpoint: Endpoint) -> None:
    heads = Heads.load()
    assert (endpoint.encode(heads.probes) * heads.probe_vectors).sum(axis=1).min() > 0.99


def test_another_encoder_is_not_taken(endpoint: Endpoint, service: Service) -> None:
    service.wrong = True
    with pytest.raises(EncoderFailed, match="other vectors"):
        endpoint.encode(["một"])


@pytest.mark.parametrize("body", ["no json", "{}", '{"data": 5}', '{"data": [{"index": 0}]}', '{"data": [{"index": 0, "embedding": [1, 2]}]}'])
def test_a_senseless_answer_is_a_failure(endpoint: Endpoint, service: Service, body: str) -> None:
    service.body = body
    with pytest.raises(EncoderFailed) as failure:
        endpoint.encode(["bố đánh con"])
    assert "đánh" not in str(failure.value)


def test_after_a_failure_it_is_recognised_anew(endpoint: Endpoint, service: Service) -> None:
    endpoint.encode(["một"])
    service.status = 503
    with pytest.raises(EncoderFailed):
        endpoint.encode(["hai"])
    service.status, service.wrong = 200, True
    with pytest.raises(EncoderFailed, match="other vectors"):
        endpoint.encode(["ba"])


def test_the_settings_name_the_encoder(tmp_path: Path) -> None:
    assert open_encoder(Settings(encoder="none")) is None
    assert isinstance(open_encoder(Settings(encoder="http://127.0.0.1:9")), Endpoint)
    assert open_encoder(Settings(encoder="bundled", model_dir=tmp_path)).version.startswith("e5-")  # type: ignore[union-attr]


def test_an_endpoint_that_is_down_is_a_failure_of_the_encoder() -> None:
    with pytest.raises(EncoderFailed):
        Endpoint("http://127.0.0.1:9").encode(["một"])


def test_a_model_that_cannot_be_read_leaves_the_rules(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "screen.joblib").write_bytes(b"broken")
    (tmp_path / "screen.joblib.thresholds.yml").write_text("version: x")
    with caplog.at_level(logging.ERROR):
        screen = open_screen(Settings(model_dir=tmp_path))
    assert screen.model is None
    assert "rules alone" in caplog.text
    assert with_encoder(screen, Settings(model_dir=tmp_path)) is screen


def test_an_encoder_that_cannot_be_loaded_leaves_the_screen_as_it_is(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(settings: Settings) -> None:
        raise EncoderFailed("no weights")

    class Wanting:
        wants_encoder = "e5-x"

    monkeypatch.setattr(embeddings, "open_encoder", fail)
    wanting: Any = Wanting()
    with caplog.at_level(logging.ERROR):
        assert with_encoder(wanting, Settings()) is wanting
    assert "no weights" in caplog.text
