"""The official list of a year: put in place of the one that is built in, and taken away again."""

from datetime import datetime
from typing import Any

from hotline import turns
from hotline.audit import service as audit
from hotline.calendars import official, queries
from hotline.calendars.official import Days
from hotline.calendars.service import TURN
from hotline.errors import NotFound
from hotline.i18n import N_
from models import ListedDay, OfficialList, User, db

# What people are told while the list of a year is missing, and the kind of that notice.
MISSING = "no_official_list"
ASK_FOR_IT = N_("The official working days of %(year)d are not known: import the list.")


def import_list(year: int, days: Days, *, actor: User, at: datetime) -> OfficialList:
    """Let `days` be the official list of a year, all of it; an imported one is replaced.

    Special days that an administrator set go before it.
    """
    turns.take(TURN)
    held = db.session.get(OfficialList, year) or OfficialList(year=year)
    held.imported_at, held.imported_by_id = at, actor.id
    db.session.add(held)
    held.days.clear()
    db.session.flush()  # the old days go before the new ones come
    held.days.extend(
        ListedDay(
            year=year,
            on=on,
            is_working=day.is_working,
            name=official.in_chinese(day.holiday),
        )
        for on, day in days.items()
    )
    _written("import_official_list", year, actor, at, days=len(days))
    return held


def remove_list(year: int, *, actor: User, at: datetime) -> None:
    """Let the list that is built in hold again, if there is one. Raises NotFound."""
    turns.take(TURN)
    held = db.session.get(OfficialList, year)
    if held is None:
        raise NotFound
    db.session.delete(held)
    _written("remove_official_list", year, actor, at)


def _written(kind: str, year: int, actor: User, at: datetime, **data: Any) -> None:
    db.session.flush()
    queries.current.forget()
    audit.record(kind, actor=actor, at=at, subject=str(year), year=year, **data)
