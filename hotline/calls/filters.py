"""What the list of calls can be narrowed to: how they went, when they rang, who answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement

from hotline import access
from hotline.calls.came import A_DAY, FATES, RANG
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.tickets.filters import Asked
from models import Call

Condition = ColumnElement[bool]
LAST_DAY = "24h"  # the stretch of the rates, as of the moment the list is opened
NO_SUCH_CHOICE = N_("This list knows no such choice.")


@dataclass(frozen=True, kw_only=True)
class CallFilter:
    """What was asked for; every field empty means every call whose ticket the viewer may see."""

    result: str = ""
    since: str = ""  # a day, or LAST_DAY
    until: str = ""
    operator: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "CallFilter":
        """What a query string asks for; names we do not know are ignored."""
        return cls(**{name: args.get(name, "").strip() for name in cls.__dataclass_fields__})

    @property
    def chosen(self) -> dict[str, str]:
        """The fields that narrow, for links."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value}


def conditions(wanted: CallFilter, asked: Asked) -> list[Condition]:
    """The conditions on `Call` joined with its ticket. Raises Invalid naming the wrong field."""
    found = [RANG, access.visible(asked.viewer)]
    if wanted.result:
        if wanted.result not in FATES:
            raise Invalid(NO_SUCH_CHOICE, field="result")
        found.append(FATES[wanted.result]())
    if wanted.since == LAST_DAY:
        found.append(Call.started_at > asked.at - A_DAY)
    elif wanted.since:
        found.append(Call.started_at >= asked.start_of(_day("since", wanted.since)))
    if wanted.until:
        following = _day("until", wanted.until) + timedelta(days=1)
        found.append(Call.started_at < asked.start_of(following))
    if wanted.operator:
        found.append(Call.operator_id == _id(wanted.operator))
    return found


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(N_("Write a day as 2026-11-20."), field=name) from None


def _id(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Invalid(NO_SUCH_CHOICE, field="operator")
    return int(value)
