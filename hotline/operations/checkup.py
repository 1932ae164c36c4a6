"""What can be wrong with an installation, and what to do: the checks that ask the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hotline.calendars import queries as calendars
from hotline.calendars.chinese import ZONE
from hotline.i18n import N_
from hotline.operations import lateness, vital_signs
from models import db

A_LITTLE_LATE, LATE = timedelta(minutes=1), timedelta(minutes=10)
A_LITTLE_OFF, OFF = timedelta(seconds=5), timedelta(minutes=1)
BACKUP_MAY_BE, AN_HOUR = timedelta(days=2), timedelta(hours=1)
# PostgreSQL calls every setting that keeps what was acknowledged “on”, or something stronger.
ON_POSTGRESQL = ("fsync", "full_page_writes", "synchronous_commit")
NOT_DURABLE = {"off", "local"}
WAL, FULL = "wal", 2


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Reading:
    """One line of the check-up: marked sentences, to be translated where they are shown."""

    what: str
    state: State
    said: str
    todo: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def ok(what: str, said: str, **params: Any) -> Reading:
    return Reading(what, State.OK, said, params=params)


def warning(what: str, said: str, todo: str, **params: Any) -> Reading:
    return Reading(what, State.WARNING, said, todo, params)


def bad(what: str, said: str, todo: str, **params: Any) -> Reading:
    return Reading(what, State.BAD, said, todo, params)


def durability() -> Reading:
    """Whether an acknowledged write survives a power cut."""
    what = N_("Durability")
    if db.engine.dialect.name == "sqlite":
        mode = db.session.connection().exec_driver_sql("PRAGMA journal_mode").scalar_one()
        level = db.session.connection().exec_driver_sql("PRAGMA synchronous").scalar_one()
        settings, holds = f"journal_mode={mode}, synchronous={level}", mode == WAL and level >= FULL
    else:
        shown = {
            name: db.session.connection().exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ON_POSTGRESQL
        }
        settings = ", ".join(f"{name}={value}" for name, value in shown.items())
        holds = not NOT_DURABLE & {*shown.values()}
    if holds:
        return ok(what, "%(settings)s", settings=settings)
    return bad(
        what,
        N_("A power cut can undo what was acknowledged: %(settings)s"),
        N_("Set fsync, full_page_writes and synchronous_commit to on in the server."),
        settings=settings,
    )


def schema(newest: frozenset[str]) -> Reading:
    """Whether the tables are those of this release."""
    what, found = N_("Schema"), vital_signs.heads()
    if found == newest:
        return ok(what, N_("The newest: %(heads)s"), heads=", ".join(sorted(found)))
    if not found:
        return bad(
            what,
            N_("The database is empty."),
            N_("A new hotline: flask db upgrade. Otherwise DATABASE_URL names another database."),
        )
    return bad(
        what,
        N_("The tables are those of %(heads)s, this release needs others."),
        N_("Make a backup, then: flask db upgrade"),
        heads=", ".join(sorted(found)),
    )


def running(at: datetime) -> Iterator[Reading]:
    """Whether what happens by itself happens, and nothing waits for it."""
    yield _ticker(at)
    yield _reminders(at)
    yield _webhooks()
    yield _backup(at)


def calendar(at: datetime) -> Reading:
    """Whether the official lists are here by which working days are reckoned."""
    what, today = N_("Official calendar"), at.astimezone(ZONE).date()
    missing = calendars.missing_year(today)
    if missing is None:
        known = [year for year in (today.year, today.year + 1) if calendars.is_year_known(year)]
        return ok(what, N_("Known: %(years)s"), years=", ".join(map(str, known)))
    say = bad if missing == today.year else warning
    return say(
        what,
        N_("The official list of %(year)d is missing: due times may be wrong by a day."),
        N_("Import it under Calendars and limits → Official lists."),
        year=missing,
    )


def skew(what: str, difference: timedelta) -> Reading:
    """Whether two clocks agree; `difference` is theirs less ours."""
    seconds = round(difference.total_seconds(), 1)
    if abs(difference) <= A_LITTLE_OFF:
        return ok(what, N_("%(seconds)s seconds apart"), seconds=seconds)
    say = bad if abs(difference) > OFF else warning
    return say(
        what,
        N_("The clocks are %(seconds)s seconds apart: due times and the order of events suffer."),
        N_("Let both machines follow a time server (chrony, systemd-timesyncd)."),
        seconds=seconds,
    )


def _ticker(at: datetime) -> Reading:
    what, age = N_("Ticker"), vital_signs.since_mark("tick", at)
    start = N_("Start the hotline, or flask worker where the web processes have TICKER=off.")
    if age is None:
        return warning(what, N_("It has never run."), start)
    seconds = round(age.total_seconds())
    if age < lateness.LATE_AFTER:
        return ok(what, N_("Last tick %(seconds)d seconds ago"), seconds=seconds)
    return bad(what, N_("Last tick %(seconds)d seconds ago: no reminder leaves the house."), start,
               seconds=seconds)  # fmt: skip


def _reminders(at: datetime) -> Reading:
    what, waited = N_("Reminders"), lateness.oldest_due(at)
    if waited <= A_LITTLE_LATE:
        return ok(what, N_("None is late."))
    say = bad if waited > LATE else warning
    return say(
        what,
        N_("The oldest one that is due has waited %(seconds)d seconds."),
        N_("See whether the ticker runs, and look under Outbox."),
        seconds=round(waited.total_seconds()),
    )


def _webhooks() -> Reading:
    what, count = N_("Webhooks"), vital_signs.unread_webhooks()
    if not count:
        return ok(what, N_("All were interpreted."))
    return warning(
        what,
        N_("%(count)d could not be interpreted yet; they are kept and tried again."),
        N_("Read webhooks.error, mend, then: flask tick"),
        count=count,
    )


def _backup(at: datetime) -> Reading:
    what, age = N_("Backup"), vital_signs.since_mark("backup", at)
    if age is not None and age <= BACKUP_MAY_BE:
        return ok(
            what, N_("The last one is %(hours)d hours old."), hours=age.total_seconds() // 3600
        )
    todo = N_("flask backup <folder on another disk>, every day by a timer")
    if age is None:
        return warning(what, N_("None was ever made here."), todo)
    return warning(what, N_("The last one is %(days)d days old."), todo, days=age.days)
