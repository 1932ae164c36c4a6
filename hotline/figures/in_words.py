"""The period in words: what the leader's paragraph says, before it is put into a language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from hotline.figures import report, rising, score
from hotline.figures.packing import Line
from hotline.figures.period import Period
from hotline.figures.report import Report
from hotline.figures.rising import Rise
from hotline.figures.score import Score
from hotline.figures.sources import SOURCES, By, Scope
from models import Category, Department, Ticket, db

TOP = 3
RISING = 2
# What is said of the periods it is compared with.
COMPARED = ("calls", "matters")


@dataclass(frozen=True)
class Told:
    """Everything the paragraph names; what did not happen is not spoken of."""

    total: Line
    before: Line
    year_before: Line
    score: Score | None
    top: Sequence[tuple[Category, int]]
    categories: Sequence[tuple[Category, Rise]]
    employers: Sequence[Rise]
    latest: tuple[Department, Line] | None  # the department with most late answers
    money_fen: int


def told(scope: Scope, before: Period, year_before: Period) -> Told:
    """What there is to say of the period of `scope`, beside the one before and last year's."""
    by_department = report.report(scope, By.DEPARTMENT)
    return Told(
        total=by_department.total,
        before=_line(scope, before),
        year_before=_line(scope, year_before),
        score=score.score(by_department.total),
        top=_top(scope),
        categories=_named(rising.categories(scope, before)[:RISING]),
        employers=rising.employers(scope, before)[:RISING],
        latest=_latest(by_department),
        money_fen=money_recovered(scope),
    )


def money_recovered(scope: Scope) -> int:
    """What departments got back for callers, in fen; it counts where it was first reported."""
    source = SOURCES["money"]
    found = source.joined(select(func.sum(Ticket.money_recovered_fen)), *scope.kinds)
    return int(db.session.scalar(found.where(*scope.conditions(source))) or 0)


def _line(scope: Scope, period: Period) -> Line:
    return Line(report.counts(replace(scope, period=period), COMPARED))


def _top(scope: Scope) -> list[tuple[Category, int]]:
    found = report.report(scope, By.CATEGORY, ["matters"])
    numbers = {key: line.counts["matters"] for key, line in found.lines.items() if key is not None}
    keys = sorted(numbers, key=lambda key: (-numbers[key], key))[:TOP]
    return [(db.session.get_one(Category, key), numbers[key]) for key in keys]


def _named(rises: Sequence[Rise]) -> list[tuple[Category, Rise]]:
    return [(db.session.get_one(Category, one.key), one) for one in rises]


def _latest(found: Report) -> tuple[Department, Line] | None:
    late = {
        key: line.counts["handle_late"]
        for key, line in found.lines.items()
        if key is not None and line.counts["handle_late"]
    }
    if not late:
        return None
    key = max(late, key=lambda one: (late[one], -one))
    return db.session.get_one(Department, key), found.lines[key]


def is_over(period: Period, at: datetime) -> bool:
    """Whether nothing more can come into it."""
    return period.until <= at
