"""What the pages of reports show: rows by name, links to what is behind each number, charts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from hotline.figures import period as periods
from hotline.figures.measures import CLOCKS, MEASURES, RATES
from hotline.figures.packing import Key
from hotline.figures.period import Period, Span
from hotline.figures.report import Report
from hotline.figures.sources import WORDS, By
from hotline.figures.wanted import NONE, Wanted
from hotline.i18n import N_
from hotline.template_filters import label, local_date, name_of
from models import Category, Department, Role, User, UserRole, db

BYS: dict[By, str] = {
    By.DEPARTMENT: N_("By department"),
    By.OPERATOR: N_("By operator"),
    By.CATEGORY: N_("By category"),
    By.CALLER_KIND: N_("By kind of caller"),
    By.LEVEL: N_("By level"),
    By.URGENCY: N_("By urgency"),
}
NOBODY: dict[By, str] = {
    By.DEPARTMENT: N_("The hotline alone"),
    By.OPERATOR: N_("The pool"),
    By.CATEGORY: N_("Not written down yet"),
}
# A later entry goes further to the right.
VOLUME = (
    "calls",
    "matters",
    "by_phone",
    "first_call",
    "handed_off",
    "closed",
    "passages",
    "returned",
    "reworked",
    "chased",
    "repeat",
)
VERDICTS = (
    "went_through",
    "valid",
    "contacted",
    "solved",
    "satisfied",
    "basically",
    "not_satisfied",
    "unrated",
)
BESIDE = ("unreached", "no_way", "by_message", "not_wanted", "withdrawn", "excluded")
HEADLINES = ("calls", "matters", "closed")
HEADLINE_RATES = (
    "connect_rate",
    "first_call_rate",
    "sign_rate",
    "handle_rate",
    "callback_rate",
    "response_rate",
    "solved_rate",
)


@dataclass(frozen=True)
class Named:
    """A row of a report with its name; `is_data`: the name comes from the database."""

    key: Key
    name: str
    is_data: bool

    @property
    def value(self) -> str:
        """How a link says it."""
        return NONE if self.key is None else str(getattr(self.key, "value", self.key))


def names(report: Report, by: By) -> list[Named]:
    """The rows in the order in which they are shown: the fullest first, nobody's last."""
    known = _known(report, by)
    rows = [known(key) for key in report.lines]
    return sorted(
        rows,
        key=lambda row: (
            row.key is None,
            -report.lines[row.key].counts["matters"] - report.lines[row.key].counts["handle_due"],
            row.name,
        ),
    )


def name_of_key(by: By, value: str) -> Named:
    """One row by the word of its link."""
    if not value:
        return Named(None, _(NOBODY.get(by, N_("Not said"))), is_data=False)
    if by in WORDS:
        return Named(value, label(WORDS[by](value)), is_data=False)
    model: Any = {By.DEPARTMENT: Department, By.OPERATOR: User}.get(by, Category)
    row = db.session.get(model, int(value))
    return Named(int(value), _row_name(row) if row else "–", is_data=True)


def _known(report: Report, by: By) -> Callable[[Key], Named]:
    if by in WORDS:
        return lambda key: name_of_key(by, "" if key is None else str(getattr(key, "value", key)))
    model: Any = {By.DEPARTMENT: Department, By.OPERATOR: User}.get(by, Category)
    ids = [key for key in report.lines if key is not None]
    found = {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(ids)))}
    return lambda key: (
        name_of_key(by, "") if key is None else Named(key, _row_name(found[key]), is_data=True)
    )


def _row_name(row: Any) -> str:
    return row.display_name if isinstance(row, User) else name_of(row)


def period_name(period: Period) -> str:
    """The period as people say it."""
    if period.span is Span.MONTH:
        is_chinese = str(get_locale()).startswith("zh")
        return str(format_date(period.last, "y年M月" if is_chinese else "MMMM y"))
    if period.span is Span.YEAR:
        return _("the year %(year)s", year=period.last.year)
    return _("%(first)s to %(last)s", first=period.first.isoformat(), last=period.last.isoformat())


def links(wanted: Wanted) -> Callable[..., str]:
    """`behind(measure, row, …)`: the address of exactly the rows behind a number."""

    def behind(measure: str, row: Named | None = None, **more: Any) -> str:
        key = {} if row is None else {"key": row.value}
        args: dict[str, Any] = {"measure": measure, **wanted.args, **key, **more}
        return url_for("reports.behind_number", **args)

    return behind


def address(wanted: Wanted) -> str:
    """Where this report is."""
    args: dict[str, Any] = {**wanted.args}
    return url_for("reports.show", **args)


def around(wanted: Wanted) -> dict[str, str]:
    """The periods to which one goes from here."""
    return {
        name: address(wanted.of(period))
        for name, period in (
            ("before", wanted.period.before()),
            ("after", _after(wanted.period)),
        )
    }


def _after(period: Period) -> Period:
    if period.span is Span.MONTH:
        return periods.month_of(period.last + periods.ONE_DAY)
    if period.span is Span.YEAR:
        return periods.year(period.last.year + 1)
    first = period.last + periods.ONE_DAY
    return Period(first, first + (period.last - period.first))


def choices() -> dict[str, list[tuple[Any, str]]]:
    """What the fields that narrow offer."""
    departments = select(Department).order_by(Department.position, Department.id)
    categories = select(Category).order_by(Category.position, Category.id)
    people = select(User).join(UserRole).where(UserRole.role == Role.OPERATOR).distinct()
    return {
        "department": [(one.id, name_of(one)) for one in db.session.scalars(departments)],
        "category": [(one.id, name_of(one)) for one in db.session.scalars(categories)],
        "operator": [(one.id, one.display_name) for one in db.session.scalars(people)],
        **{by.value: [(word.value, label(word)) for word in words] for by, words in WORDS.items()},
    }


def of_measures(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names of measures with what they are called."""
    return [(name, _(MEASURES[name].label)) for name in names]


def words() -> Mapping[str, Any]:
    """What every page of reports needs to say."""
    return {
        "CLOCKS": CLOCKS,
        "RATES": RATES,
        "MEASURES": MEASURES,
        "BYS": BYS,
        "links": links,
        "name_of_key": name_of_key,
        "period_name": period_name,
        "volume_of": volume_of,
        "spread_of": spread_of,
        "weekdays": weekdays(),
    }


def volume_of(rows: Iterable[Named], report: Report, measure: str) -> list[int]:
    """One measure of every row, for a chart."""
    return [report.lines[row.key].counts[measure] for row in rows]


def spread_of(rows: Iterable[Named], report: Report, clock: str, place: str) -> list[int | None]:
    """One place of the spread of a clock in every row, in seconds, for a chart."""
    return [getattr(report.lines[row.key].spread(clock), place) for row in rows]


def weekdays() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def day_or_month(period: Period) -> str:
    """One point of a trend."""
    if period.span is Span.MONTH:
        return f"{period.last:%Y-%m}"
    return local_date(period.first) if period.days == 1 else period.name
