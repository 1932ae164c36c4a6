"""The findings as the page and its export show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, select

from hotline import access
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.tickets.filters import Asked
from models import Call, Finding, FindingKind, FindingReason, Ticket, User, db

PAGE = 50
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class FindingFilter:
    """What was asked for; every field empty means every finding."""

    kind: str = ""
    reason: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "FindingFilter":
        """What a query string asks for; names we do not know are ignored."""
        return cls(**{name: args.get(name, "").strip() for name in cls.__dataclass_fields__})

    @property
    def chosen(self) -> dict[str, str]:
        """The fields that narrow, for links."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Page:
    """Some findings with their tickets, and where the next page begins; "" on the last one."""

    lines: list[tuple[Finding, Ticket]]
    after: str


def ids(wanted: FindingFilter, asked: Asked) -> Select[tuple[int]]:
    """The keys of all that `wanted` holds, the last found first. Raises Invalid."""
    found = select(Finding.id).where(*_conditions(wanted, asked))
    return found.order_by(Finding.id.desc())


def lines(viewer: User) -> Select[tuple[Finding, Ticket]]:
    """Findings with the ticket of their call; None where there is none that `viewer` may see."""
    of_the_call = and_(Call.provider == Finding.provider, Call.call_ref == Finding.call_ref)
    may_be_seen = and_(Ticket.id == Call.ticket_id, access.visible(viewer))
    found = select(Finding, Ticket).outerjoin(Call, of_the_call).outerjoin(Ticket, may_be_seen)
    return found.order_by(Finding.id.desc())


def page_of(wanted: FindingFilter, asked: Asked, *, after: str = "") -> Page:
    """A page of what `wanted` holds from after the key `after`. Raises Invalid."""
    found = lines(asked.viewer).where(*_conditions(wanted, asked)).limit(PAGE + 1)
    if after:
        found = found.where(Finding.id < _key(after))
    rows = list(db.session.execute(found).tuples())
    return Page(rows[:PAGE], str(rows[PAGE - 1][0].id) if len(rows) > PAGE else "")


def _conditions(wanted: FindingFilter, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(Finding.kind == _word(FindingKind, "kind", wanted.kind))
    if wanted.reason:
        found.append(Finding.reason == _word(FindingReason, "reason", wanted.reason))
    if wanted.since:
        found.append(Finding.found_at >= asked.start_of(_day("since", wanted.since)))
    if wanted.until:
        found.append(Finding.found_at < asked.start_of(_day("until", wanted.until) + DAY))
    return found


def _word(
    words: type[FindingKind] | type[FindingReason], name: str, value: str
) -> FindingKind | FindingReason:
    try:
        return words(value)
    except ValueError:
        raise Invalid(N_("This list knows no such choice."), field=name) from None


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(N_("Write a day as 2026-11-20."), field=name) from None


def _key(after: str) -> int:
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise Invalid(N_("There is no such page."), field="after")
    return int(after)
