"""What an address asks of the list of sheets, and how that is said."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from hotline import clock
from hotline.i18n import N_
from hotline.quality.pages import STATES
from hotline.quality.queries import State, Wanted
from hotline.sla import months
from hotline.sla.months import Month
from hotline.template_filters import label, name_of
from models import Department, User, Work, db

NUMBER = re.compile(r"\d{1,9}")
# By what the list of sheets is narrowed.
NAMES = {
    "work": N_("What is inspected"),
    "state": N_("State"),
    "sample": N_("Sample"),
    "person": N_("Whose work"),
    "department": N_("Department"),
    "month": N_("Month of the work"),
    "total": N_("Score of 100"),
}


def month(args: Mapping[str, str]) -> Month:
    """The month that the address asks for, else the last one that is over."""
    return months.read(args.get("month", "")) or months.at(clock.now()).before()


def asked(args: Mapping[str, str], *names: str) -> dict[str, Any]:
    """What an address asks of the list, or of these of its parts; names that we know alone."""
    return {name: args[name] for name in names or NAMES if args.get(name)}


def wanted(asked: Mapping[str, str]) -> Wanted:
    """The filter of an address; what makes no sense is left open."""
    month = months.read(asked.get("month", ""))
    return Wanted(
        work=_one_of(Work, asked.get("work")),
        state=_one_of(State, asked.get("state")),
        sample_id=_number(asked.get("sample")),
        person_id=_number(asked.get("person")),
        department_id=_number(asked.get("department")),
        since=month.since if month else None,
        until=month.until if month else None,
        total=_number(asked.get("total")),
    )


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and NUMBER.fullmatch(typed) else None


def said(name: str, value: str) -> str:
    """One thing by which the list is narrowed, in words."""
    if name == "work":
        return label(_one_of(Work, value))
    if name == "state":
        return _(STATES[State(value)]) if value in set(State) else ""
    if name == "person":
        person = db.session.get(User, _number(value) or 0)
        return person.display_name if person else ""
    if name == "department":
        return name_of(db.session.get(Department, _number(value) or 0))
    return value


def _one_of(enum: Any, word: str | None) -> Any:
    return enum(word) if word in set(enum) else None
