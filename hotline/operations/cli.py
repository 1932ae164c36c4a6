"""`flask backup` and `flask restore`: in the language of the shell, with nothing personal."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock
from hotline.error_pages import say
from hotline.errors import HotlineError
from hotline.languages import LOCALES
from hotline.operations import copies, manifest
from hotline.operations.manifest import Manifest
from hotline.telephony import adapter
from hotline.unit_of_work import unit_of_work
from models import Mark, db

BACKUP = "backup"  # the mark of the last copy that was made
NAMES_A_LANGUAGE = ("LC_ALL", "LC_MESSAGES", "LANG")

in_language: Callable[[Any], Any] = click.option(
    "--lang", type=click.Choice(LOCALES), help="The language to speak; the shell's when missing."
)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@in_language
@with_appcontext
def backup(folder: Path, lang: str | None) -> None:
    """Copy database and recordings to a new folder in FOLDER, and check the copy."""
    with speaking(lang):
        at = clock.now()
        copy = copies.make(
            folder, recordings=adapter.recordings_folder(), release=_release(), at=at
        )
        with unit_of_work():
            db.session.merge(Mark(name=BACKUP, at=at))
        said = manifest.read(copy)
        click.echo(_("Copied and checked: %(copy)s", copy=copy))
        _tell(said)
        click.echo(_("The file .env is not in it: keep SECRET_KEY and tokens in another place."))


@click.command("restore")
@click.argument("copy", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--verify",
    is_flag=True,
    help="Only check the copy, or of a folder of copies the newest; touch nothing in use.",
)
@in_language
@with_appcontext
def restore(copy: Path, verify: bool, lang: str | None) -> None:
    """Put a copy back into an empty database, or with --verify check it somewhere else."""
    with speaking(lang):
        if verify:
            said = copies.check(copies.newest(copy))
            click.echo(_("The copy is whole: restored elsewhere, every row compared."))
        else:
            folder = adapter.recordings_folder()
            said = copies.put_back(copy, recordings=folder, known=_known())
            click.echo(_("Restored, every row compared."))
            click.echo(_("Next: flask db upgrade, start the hotline, then flask doctor."))
        _tell(said)


@contextmanager
def speaking(lang: str | None) -> Iterator[None]:
    """Say everything in `lang`, or in the language of the shell; refusals as a sentence."""
    with force_locale(lang or language_of(os.environ)):
        try:
            yield
        except HotlineError as refusal:
            raise click.ClickException(say(refusal)) from refusal
        except SQLAlchemyError as error:  # its text may carry rows
            kind = type(error).__name__
            said = _("The database does not answer as it should (%(kind)s).", kind=kind)
            raise click.ClickException(said) from error


def language_of(environ: "os._Environ[str] | dict[str, str]") -> str:
    """The language of a shell: Chinese where it says so, else English."""
    named = next((environ[name] for name in NAMES_A_LANGUAGE if environ.get(name)), "")
    return "zh" if named.startswith("zh") else "en"


def _tell(said: Manifest) -> None:
    """How much is in a copy, never what."""
    click.echo(
        _(
            "%(rows)d rows in %(tables)d tables, %(files)d files; made %(at)s by release %(by)s",
            rows=said.rows,
            tables=len(said.tables),
            files=len(said.files),
            at=said.made_at,
            by=said.release,
        )
    )
    if said.lost:
        count = len(said.lost)
        click.echo(_("Recordings that were gone or damaged before: %(count)d", count=count))


def _release() -> str:
    """What serves here: the newest heading of the change log, with the commit where git knows."""
    root = Path(current_app.root_path)
    lines = (root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    name = next(line.removeprefix("## ") for line in lines if line.startswith("## "))
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return name
    command = [git, "-C", str(root), "rev-parse", "--short=12", "HEAD"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return f"{name} {asked.stdout.strip()}".strip()


def _known() -> set[str]:
    """The migrations this release has."""
    scripts = ScriptDirectory(f"{current_app.root_path}/migrations")
    return {script.revision for script in scripts.walk_revisions()}
