"""The command `tianang`. Every error is one clear line on standard error; 0 only on success."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import typer
from click.exceptions import ClickException
from typer.exceptions import TyperException

from helpline import settings as settings_of
from helpline.errors import HelplineError
from helpline.settings import Settings
from tianang import importing

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Tia Nắng: helpline and information assistant.")
kb_app = typer.Typer(no_args_is_help=True, help="The knowledge base.")
desk_app = typer.Typer(no_args_is_help=True, help="The counsellors' desk.")
app.add_typer(kb_app, name="kb")
app.add_typer(desk_app, name="desk")


def tell(line: str) -> None:
    """A line for the operator, on standard error, so that standard output holds results only."""
    print(line, file=sys.stderr, flush=True)


def own() -> Settings:
    return settings_of.read()


importing.register(kb_app, own, tell)


@app.command()
def up() -> None:
    """Start everything for one machine and print the addresses; Ctrl-C stops it cleanly."""
    from tianang.up import up as run

    raise typer.Exit(run(own(), tell))


@app.command()
def train(force: bool = typer.Option(False, help="train even where the models fit the data")) -> None:
    """Train the models that are missing or no longer fit the data."""
    from tianang.stock import train as run

    stock = run(own(), tell, force=force)
    tell(f"models: {stock.screen.name}, {stock.rasa.name}")


@app.command()
def ask(
    text: str | None = typer.Argument(None, help="the question"),
    as_json: bool = typer.Option(False, "--json", help="print one JSON object"),
    jsonl: bool = typer.Option(False, "--jsonl", help="read questions from standard input, one JSON object a line"),
) -> None:
    """Answer as a person would read it. Uses a throw-away database; nothing is sent, no case outlives it."""
    if jsonl == (text is not None):
        raise typer.BadParameter("give a question, or --jsonl with questions on standard input")
    if text is not None and not text.strip():
        raise typer.BadParameter("the question is blank")
    from tianang.asking import answer_object, open_session, readable
    from tianang.lines import answer_lines, printable

    session = open_session(own(), tell)
    try:
        if jsonl:
            for line in answer_lines(sys.stdin, lambda t, sender: answer_object(session.ask(t, sender))):
                print(printable(line), flush=True)
            return
        exchange = session.ask(str(text))
        print(json.dumps(answer_object(exchange), ensure_ascii=False) if as_json else readable(exchange))
    finally:
        session.close()


@app.command()
def screen(
    jsonl: bool = typer.Option(False, "--jsonl", help="read texts from standard input, one JSON object a line"),
) -> None:
    """The safety screen alone, without Rasa."""
    if not jsonl:
        raise typer.BadParameter("give --jsonl, with texts on standard input")
    from tianang.lines import answer_lines, printable
    from tianang.screening import Screening

    screening = Screening.open(own(), tell)
    for line in answer_lines(sys.stdin, screening.judge):
        print(printable(line), flush=True)


@app.command()
def evaluate(
    ordinary: Path | None = typer.Option(None, help="real ordinary messages, JSON lines, for counting false alarms"),
    strict: bool = typer.Option(False, help="1 when a bar is missed"),
    screen_only: bool = typer.Option(False, help="the safety screen without the questions"),
    check: bool = typer.Option(False, help="compare with docs/figures/floors.json and write nothing; 1 when a figure fell"),
) -> None:
    """Measure screen and answers on the evaluation sets; trains nothing, writes docs/figures."""
    from tianang.evaluating import run

    raise typer.Exit(run(own(), tell, ordinary=ordinary, strict=strict, screen_only=screen_only, check=check))


@app.command()
def tune(
    anew: bool = typer.Option(False, "--anew", help="from the package's weights, not on from the present tuning"),
) -> None:
    """Tune the screen's encoder on the training texts (most of an hour; needs PyTorch)."""
    from tianang.tuning import tune as run

    tell(f"written: {run(tell, anew=anew).name}; now `tianang train`")


@app.command()
def doctor(
    list_settings: bool = typer.Option(False, "--settings", help="list every setting and end"),
    new_key: bool = typer.Option(False, "--new-key", help="print a new secret key and end"),
) -> None:
    """Say what is missing or wrong, each with what to do. 1 when something is wrong."""
    if new_key:
        from helpline.keyring import new_secret

        print(new_secret())
        return
    if list_settings:
        for variable, default, help_text in settings_of.table():
            print(f"{variable}\n    {help_text} (default: {default or 'empty'})")
        return
    from tianang.doctor import examine

    wrong = 0
    for finding in examine(own()):
        wrong += not finding.right
        print(f"{'ok   ' if finding.right else 'WRONG'}  {finding.what}" + ("" if finding.right else f"\n       {finding.advice}"))
    raise typer.Exit(1 if wrong else 0)


@kb_app.command("load")
def kb_load() -> None:
    """Load kb/content into the database; a repeat changes nothing."""
    from helpline import keyring
    from helpline.clock import SystemClock
    from helpline.db import Database
    from kb import content
    from kb.store import load_content

    settings = own()
    db = Database(settings.database, keyring.load(settings))
    db.migrate()
    report = load_content(db, SystemClock(), content.load())
    tell(f"{report.changes} entries new or changed, {report.total} in all")


@kb_app.command("export")
def kb_export() -> None:
    """Write what editors published or retired back into kb/content, for review in git; a repeat writes nothing."""
    from helpline import keyring
    from helpline.db import Database
    from kb import store
    from kb.export import write_back

    settings = own()
    db = Database(settings.database, keyring.load(settings))
    with db.read() as tx:
        entries, retired = [one.entry for one in store.by_editors(tx)], store.retired_by_editors(tx)
    for path in write_back(entries, retired):
        print(path)
    tell(f"{len(entries)} entries of editors, {len(retired)} retired by them; look at the difference, then `tianang kb validate`")


@kb_app.command("validate")
def kb_validate() -> None:
    """Check the content; 1 when an error is found."""
    from kb import content
    from kb.validate import validate

    problems = validate(content.load())
    for problem in problems:
        print(problem)
    errors = [p for p in problems if p.is_error]
    tell(f"{len(errors)} errors, {len(problems) - len(errors)} warnings")
    raise typer.Exit(1 if errors else 0)


@kb_app.command("search")
def kb_search(text: str, most: int = typer.Option(5, help="how many results")) -> None:
    """The entries nearest to a question, with their scores."""
    from kb import content
    from kb.search import Index

    for hit in Index.of(content.load().entries).find(text, most=most):
        print(f"{hit.score:6.2f}  {hit.entry.id}  {hit.entry.title}")


@desk_app.command("add-user")
def desk_add_user(
    login: str,
    name: str,
    role: str = typer.Option("counsellor", help="counsellor, supervisor, editor or admin"),
) -> None:
    """Add somebody to the desk and print the one-time password."""
    from desk.staff import add_user
    from helpline import keyring
    from helpline.clock import SystemClock
    from helpline.db import Database

    settings = own()
    db = Database(settings.database, keyring.load(settings))
    db.migrate()
    with db.write() as tx:
        print(add_user(tx, SystemClock().now(), login, name, role))


def main() -> None:
    """The entry point: every error that we know becomes one line and a code other than 0."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    try:
        code = app(standalone_mode=False)
    except (TyperException, ClickException) as error:
        said = error.format_message() if hasattr(error, "format_message") else str(error)
        _end(f"{said or type(error).__name__} (`tianang --help` lists commands and options)", 2)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except HelplineError as error:
        _end(str(error), 2)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except (OSError, RuntimeError) as error:
        _end(f"{type(error).__name__}: {error}", 1)
    else:
        raise SystemExit(code if isinstance(code, int) else 0)


def _end(line: str, code: int) -> Any:
    tell(f"tianang: {' '.join(line.split())}")
    raise SystemExit(code)


