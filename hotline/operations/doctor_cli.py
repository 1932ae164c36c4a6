"""`flask doctor`: looks at everything and says what to do; fails when something is bad."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from config import Config
from hotline import clock
from hotline.health import known_heads
from hotline.i18n import N_
from hotline.operations import checkup, probes
from hotline.operations.checkup import Reading, State
from hotline.operations.cli import in_language, speaking

COLOURS = {State.OK: "green", State.WARNING: "yellow", State.BAD: "red"}
WORDS = {State.OK: N_("ok"), State.WARNING: N_("warning"), State.BAD: N_("bad")}


@click.command("doctor")
@in_language
@with_appcontext
def doctor(lang: str | None) -> None:
    """Check settings, database, clocks, calendar, provider and disk; say what to do."""
    with speaking(lang):
        is_bad = False
        for reading in examine(current_app.config["HUIYIN"]):
            _tell(reading)
            is_bad = is_bad or reading.state is State.BAD
    if is_bad:
        raise click.exceptions.Exit(1)


def examine(config: Config) -> Iterator[Reading]:
    """Every reading, the most fundamental first; what rests on what is broken is left out."""
    yield from probes.settings(config)
    yield from probes.disk(config)
    yield probes.signature(config)
    yield probes.address(config)
    try:
        yield from _of_the_database(config)
    except SQLAlchemyError as error:  # its text may carry rows
        yield checkup.bad(
            N_("Database"),
            N_("It does not answer as it should (%(kind)s)."),
            N_("Start it; see DATABASE_URL, its password and its log."),
            kind=type(error).__name__,
        )


def _of_the_database(config: Config) -> Iterator[Reading]:
    yield checkup.durability()
    schema = checkup.schema(known_heads(f"{current_app.root_path}/migrations"))
    yield schema
    yield probes.database_clock()
    if schema.state is State.BAD:
        return
    at = clock.now()
    yield from checkup.running(at)
    yield checkup.calendar(at)
    yield from probes.demo_passwords(config)
    yield from probes.telephone(config)


def _tell(reading: Reading) -> None:
    word = click.style(_(WORDS[reading.state]), fg=COLOURS[reading.state])
    click.echo(f"[{word}] {_(reading.what)}: {_(reading.said, **reading.params)}")
    if reading.todo:
        click.echo(f"    → {_(reading.todo)}")
