"""`tianang kb import-services`, `import-swim`, `import-document`, `template`: files into the knowledge base."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from helpline.settings import Settings

if TYPE_CHECKING:
    from helpline.db import Database
    from kb.importing.batches import Report

ACTOR = "command line"
SHOWN = 100  # refused lines printed; the desk's page has them all

_FILE = typer.Argument(..., help="the file", exists=True, dir_okay=False, readable=True)
_CHECK = typer.Option(False, "--check", help="only say what would happen")
_ONLY_RIGHT = typer.Option(False, "--only-right", help="load the right lines though others are refused")


def register(app: typer.Typer, own: Callable[[], Settings], tell: Callable[[str], None]) -> None:
    """Add the commands to ``app``. ``own`` gives the settings, ``tell`` says a line to the operator."""

    @app.command("import-services")
    def import_services(file: Path = _FILE, check: bool = _CHECK, only_right: bool = _ONLY_RIGHT) -> None:
        """Load a list of addresses, shelters, clubs and contacts (XLSX, CSV): whole or not at all. 1 when lines are refused."""
        raise typer.Exit(_load_list(own(), tell, "services", file, check, only_right))

    @app.command("import-swim")
    def import_swim(file: Path = _FILE, check: bool = _CHECK, only_right: bool = _ONLY_RIGHT) -> None:
        """Load a list of swim classes (XLSX, CSV): whole or not at all. 1 when lines are refused."""
        raise typer.Exit(_load_list(own(), tell, "swim", file, check, only_right))

    @app.command("import-document")
    def import_document(
        file: Path = _FILE,
        source: str = typer.Option(..., help="id of sources.yml that the drafts cite"),
        topic: str | None = typer.Option(None, help="topic of the drafts; the source's first one if none is given"),
        check: bool = _CHECK,
        only_right: bool = _ONLY_RIGHT,
    ) -> None:
        """Make drafts of a document (PDF, DOCX, text), one for each section. Never publishes. 1 when sections are refused."""
        raise typer.Exit(_load_document(own(), tell, file, source, topic, check, only_right))

    @app.command("template")
    def template(
        kind: str = typer.Argument(..., help="services or swim"),
        out: Path | None = typer.Option(None, help="where to write it; its end (.xlsx, .csv) says which kind of file"),
    ) -> None:
        """Write the template of a list and print its path. Never writes over a file."""
        print(_template(kind, out))


def _load_list(
    settings: Settings, tell: Callable[[str], None], kind: str, file: Path, check_only: bool, only_right: bool
) -> int:
    from helpline.clock import SystemClock
    from kb import content
    from kb.importing import batches

    db, now, own = _database(settings), SystemClock().now(), content.load()
    data = file.read_bytes()
    batch = batches.check(db, own, kind, file.name, data, ACTOR, now)
    _print(batch.report)
    outcome = None if check_only else batches.load(db, own, batch.id, ACTOR, now, only_right=only_right)
    if outcome is None or not outcome.loaded:
        with db.write() as tx:
            batches.discard(tx, batch.id, ACTOR, now)
    if outcome and outcome.loaded:
        tell(f"import {batch.id}: {outcome.new} new, {outcome.updated} updated, {outcome.report.count('same')} unchanged")
    return _ended(batch.report, bool(outcome and outcome.loaded), tell)


def _load_document(
    settings: Settings, tell: Callable[[str], None], file: Path, source: str, topic: str | None, check_only: bool, only_right: bool
) -> int:
    from helpline.clock import SystemClock
    from kb import content
    from kb.importing import batches, drafts

    db, now = _database(settings), SystemClock().now()
    data = file.read_bytes()
    batch = drafts.check(db, content.load(), file.name, data, source, ACTOR, now, topic)
    _print(batch.report)
    with db.write() as tx:
        outcome = None if check_only else drafts.load(tx, batch.id, ACTOR, now, only_right=only_right)
        if outcome is None or not outcome.loaded:
            batches.discard(tx, batch.id, ACTOR, now)
    if outcome and outcome.loaded:
        tell(f"import {batch.id}: {outcome.new} drafts, {outcome.report.count('same')} there already; none is published")
    return _ended(batch.report, bool(outcome and outcome.loaded), tell)


def _template(kind: str, out: Path | None) -> Path:
    from kb import content
    from kb.importing import templates
    from kb.importing.batches import LISTS

    if kind not in LISTS:
        raise typer.BadParameter(f"a template is one of: {', '.join(LISTS)}")
    path = out or Path(f"tia-nang-{kind}.xlsx")
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise typer.BadParameter("the file's name must end in .xlsx or .csv")
    is_csv = path.suffix.lower() == ".csv"
    data = templates.comma_separated(LISTS[kind]) if is_csv else templates.xlsx(LISTS[kind], content.load().gazetteer)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise typer.BadParameter(f"{path} is there already; give another name with --out") from error
    return path


def _print(report: Report) -> None:
    """The report on standard output: refused lines first, each with what to do, then what the others would do."""
    for refusal in report.refusals[:SHOWN]:
        column = f", cột {refusal.column}" if refusal.column else ""
        print(f"từ chối  dòng {refusal.line}{column}: {refusal.wrong} {refusal.todo}")
    if len(report.refusals) > SHOWN:
        print(f"từ chối  … và {len(report.refusals) - SHOWN} chỗ nữa")
    words = {"new": "mới", "update": "cập nhật", "same": "không đổi"}
    for one in report.good:
        note = f" ({one.note})" if one.note else ""
        print(f"{words[one.does]:8} dòng {one.line}: {one.name}, {one.place}{note}")
    sys.stdout.flush()


def _ended(report: Report, loaded: bool, tell: Callable[[str], None]) -> int:
    if report.ignored:
        tell(f"columns that nobody knows, not read: {', '.join(report.ignored)}")
    if not report.refusals:
        return 0
    ending = "" if loaded else "; nothing was loaded (--only-right loads the right lines)"
    tell(f"{report.refused_lines} lines refused{ending}")
    return 0 if loaded else 1


def _database(settings: Settings) -> Database:
    from helpline import keyring
    from helpline.db import Database

    db = Database(settings.database, keyring.load(settings))
    db.migrate()
    return db
