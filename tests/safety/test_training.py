"""Lines, training and the model file, on a handful of lines of its own."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest
import yaml

from safety.assessment import Category, Level, Who
from safety.lines import read_file, read_folder
from safety.model import Model, Thresholds, thresholds_path
from safety.ngrams import Seen, Vocabulary, blocks
from safety.phrases import Tokens
from safety.screen import Screen
from safety.train import TrainingReport, train
from vietnamese import normalise

RISKS = """
urgent physical_abuse self_child | bố đánh con {}
urgent self_harm self_child | con không muốn sống nữa {}
urgent domestic_violence self_adult | chồng em đánh em {}
concern distress self_child | con buồn lắm {}
concern bullying third_party | con tôi bị trêu ở lớp {}
check - - | gọi thì bố mẹ có biết không {}
none - - | lớp bơi ở đâu {}
none - - | mẹ nấu canh ngon {}
none - - | đánh rank thua {}
"""
ENDINGS = ("ạ", "cô ơi", "hôm nay", "từ sáng", "ở nhà", "tối qua", "lắm rồi", "chị ơi", "bây giờ", "với", "nhé", "thế này")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lines")
    text = "# a comment\n" + "".join(RISKS.replace("{}", ending) for ending in ENDINGS)
    (folder / "a.txt").write_text(text, encoding="utf-8")
    (folder / "b.txt").write_text("urgent physical_abuse self_child | con sợ // bố về rồi // mùi rượu\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, TrainingReport]:
    path = folder / "out" / "screen.joblib"
    said: list[str] = []
    result = train(folder, path, said.append)
    assert any("urgent_reached" in line for line in said)
    return path, result


def test_lines_are_read_with_history_and_labels(folder: Path) -> None:
    lines = read_folder(folder)
    last = lines[-1]
    assert (last.level, last.category, last.who) == ("urgent", Category.PHYSICAL_ABUSE, Who.SELF_CHILD)
    assert (last.text, last.history) == ("mùi rượu", ("con sợ", "bố về rồi"))
    assert last.judged == "con sợ\nbố về rồi\nmùi rượu"
    assert lines[0].place == "a.txt:3"


def test_a_plain_reply_is_learned_without_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("none - - | bố đánh con // dạ\n", encoding="utf-8")
    assert read_file(path)[0].judged == "dạ"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("urgent physical_abuse | bố", "x.txt:1: expected"),
        ("urgent physical_abuse self_child bố", "x.txt:1: expected"),
        ("urgent physical_abuse self_child |  ", "x.txt:1: expected"),
        ("severe physical_abuse self_child | bố", "'severe'"),
        ("urgent beating self_child | bố", "beating"),
        ("urgent danger me | bố", "'me'"),
        ("none danger - | bố", "- -"),
        ("check - self_child | bố", "- -"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_file(path)


def test_a_folder_without_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no training lines"):
        read_folder(tmp_path)


def test_training_learns_its_lines_and_reports_shares(trained: tuple[Path, TrainingReport]) -> None:
    path, result = trained
    assert result.lines == 9 * len(ENDINGS) + 1
    assert result.urgent_reached > 0.95
    assert result.none_case < 0.1
    kept = yaml.safe_load(thresholds_path(path).read_text(encoding="utf-8"))
    assert kept == {
        "version": result.version,
        "urgent": pytest.approx(result.urgent, abs=1e-4),
        "concern": pytest.approx(result.concern, abs=1e-4),
        "check": pytest.approx(result.check, abs=1e-4),
        "stands": pytest.approx(result.stands, abs=1e-4),
        "firm_stands": pytest.approx(result.firm_stands, abs=1e-4),
    }
    screen = Screen.load(path)
    assert screen.assess("bố đánh con đêm qua").level is Level.URGENT
    assert screen.assess("mẹ nấu canh").level is Level.NONE
    assert screen.assess("mẹ nấu canh").partial is False
    assert not screen.is_stale


def test_the_same_lines_give_the_same_model(trained: tuple[Path, TrainingReport], folder: Path, tmp_path: Path) -> None:
    again = train(folder, tmp_path / "again.joblib", lambda line: None)
    assert again.version == trained[1].version
    one, other = joblib.load(trained[0]), joblib.load(tmp_path / "again.joblib")
    assert np.array_equal(one["weights"], other["weights"])
    assert one["calibration"] == other["calibration"]


def test_another_line_gives_another_version(trained: tuple[Path, TrainingReport], folder: Path, tmp_path: Path) -> None:
    for path in folder.glob("*.txt"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "c.txt").write_text("none - - | trời đẹp\n", encoding="utf-8")
    assert train(tmp_path, tmp_path / "m.joblib", lambda line: None).version != trained[1].version


def test_probabilities_are_ordered_and_shares_sum_to_one(trained: tuple[Path, TrainingReport]) -> None:
    model = Model.load(trained[0])
    for text in ("bố đánh con", "mẹ nấu canh", "zzz qqq", "buồn"):
        opinion = model.opinion(Tokens.of(normalise(text)), Seen())
        assert 0 <= opinion.urgent <= opinion.risk <= opinion.reach <= 1
        assert sum(opinion.categories.values()) == pytest.approx(1)
        assert sum(opinion.who.values()) == pytest.approx(1)


def test_a_text_of_unknown_words_is_no_risk(trained: tuple[Path, TrainingReport]) -> None:
    opinion = Model.load(trained[0]).opinion(Tokens.of(normalise("zzz qqq xxx yyy")), Seen())
    assert opinion.risk < 0.3


def test_thresholds_of_another_model_are_refused(trained: tuple[Path, TrainingReport], tmp_path: Path) -> None:
    path = tmp_path / "screen.joblib"
    path.write_bytes(trained[0].read_bytes())
    kept = yaml.safe_load(thresholds_path(trained[0]).read_text(encoding="utf-8"))
    thresholds_path(path).write_text(yaml.safe_dump({**kept, "version": "other"}), encoding="utf-8")
    with pytest.raises(ValueError, match="another model"):
        Model.load(path)


def test_a_missing_model_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Screen.load(tmp_path / "none.joblib")


def test_a_threshold_lies_between_nothing_and_certainty() -> None:
    with pytest.raises(ValueError):
        Thresholds(urgent=0.5, concern=1.0, check=0.1)


def test_unknown_ngrams_count_in_the_length() -> None:
    vocabulary = Vocabulary.of([["a", "b"], ["a", "b"], ["a"]], least=2)
    known = vocabulary.weigh(["a"])
    mixed = vocabulary.weigh(["a", "z", "y"])
    assert known[0] == mixed[0] == [vocabulary.terms["a"]]
    assert known[1][0] == pytest.approx(1)
    assert mixed[1][0] < 0.7
    assert vocabulary.weigh(["z"])[0] == []


def test_ngrams_hold_both_forms() -> None:
    seen = blocks(Tokens.of(normalise("Bố đánh")), Seen(rules=("rule:x",), lists=("father", "hit")))
    assert "bố đánh" in seen["accented_words"]
    assert "bo danh" in seen["plain_words"]
    assert "father+hit" in seen["lists"]
    assert seen["rules"] == ["rule:x"]
