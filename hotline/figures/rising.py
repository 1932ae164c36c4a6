"""Collective matters in the making: an employer or a category that is heard of more than before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, func, select, true

from hotline import access
from hotline.figures import report
from hotline.figures.period import Period
from hotline.figures.sources import SOURCES, By, Scope
from models import Caller, Ticket, User, db

EMPLOYER_FROM = 3  # callers
CATEGORY_FROM = 5  # matters
RISES_BY = 1.5
SHOWN = 10


@dataclass(frozen=True)
class Rise:
    """An employer (its name) or a category (its id), and how many matters now and before."""

    key: Any
    number: int
    before: int


def employers(scope: Scope, before: Period) -> list[Rise]:
    """Employers of whom at least three different callers spoke, more than in the days `before`.

    Only of callers whom the viewer may know: where one works tells who rang.
    """
    now = _by_employer(scope, at_least=EMPLOYER_FROM)
    earlier = _by_employer(replace(scope, period=before), at_least=1)
    return _rising(now, earlier, EMPLOYER_FROM)


def categories(scope: Scope, before: Period) -> list[Rise]:
    """Categories of at least five matters and half as many again as in the days `before`."""
    now, earlier = _by_category(scope), _by_category(replace(scope, period=before))
    return _rising(now, earlier, CATEGORY_FROM)


def of_employer(name: str, viewer: User) -> ColumnElement[bool]:
    """The tickets of callers who work for `name`, as far as `viewer` may know the caller."""
    theirs = Ticket.caller_id.in_(select(Caller.id).where(Caller.employer == name))
    return and_(theirs, access.caller_known(viewer))


def _rising(now: Mapping[Any, int], earlier: Mapping[Any, int], at_least: int) -> list[Rise]:
    found = [
        Rise(key, number, earlier.get(key, 0))
        for key, number in now.items()
        if key and number >= at_least and number >= RISES_BY * earlier.get(key, 0)
    ]
    return sorted(found, key=lambda one: (one.before - one.number, str(one.key)))[:SHOWN]


def _by_employer(scope: Scope, *, at_least: int) -> dict[str, int]:
    source = SOURCES["matters"]
    query = source.joined(
        select(Caller.employer, func.count(Ticket.id)), By.CALLER_KIND, *scope.kinds
    )
    is_known = access.caller_known(scope.viewer) if scope.viewer else true()
    query = query.where(*scope.conditions(source), Caller.employer != "", is_known)
    query = query.group_by(Caller.employer)
    query = query.having(func.count(distinct(Ticket.caller_id)) >= at_least)
    return dict(db.session.execute(query).tuples().all())


def _by_category(scope: Scope) -> dict[int, int]:
    lines = report.by_key(scope, By.CATEGORY, ["matters"])
    return {key: line.counts["matters"] for key, line in lines.items()}
