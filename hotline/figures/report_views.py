"""Reports: any period, by whom or what, every number a link to what is behind it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from hotline import access, clock
from hotline.errors import Invalid, NotFound
from hotline.exports.download import send
from hotline.figures import (
    behind,
    over_time,
    period,
    report,
    report_pages,
    rising,
    score,
    table_pages,
)
from hotline.figures import in_words as words
from hotline.figures.measures import MEASURES, RATES, Measure
from hotline.figures.packing import Line
from hotline.figures.period import Period, Span
from hotline.figures.sources import By, Scope
from hotline.figures.wanted import Wanted, checked
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.quality import pages as quality_pages
from hotline.quality import results
from hotline.sla.months import Month
from hotline.tickets import reading
from models import Ticket

bp = Blueprint("reports", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.REVIEW, Permission.ASSIGN))

MONTHS = 13  # this one and the year behind it
DAYS_ONE_BY_ONE = 62
OF_A_NUMBER = ("measure", "key", "employer", "leaf", "weekday", "hour", "order")
TREND = ("calls", "matters", "closed", "handle_due", "handle_on_time", "valid", "solved")


@bp.get("/reports")
def show() -> ResponseReturnValue:
    """One period: what came in, how long everything took, what the callers said."""
    errors: dict[str, str] = {}
    try:
        wanted = Wanted.from_args(request.args, clock.now())
    except Invalid as refused:
        wanted, errors = Wanted(period.read("", clock.now())), {refused.field: _(refused.sentence)}
    found = report.report(_scope(wanted), wanted.by)
    return render_template(
        "figures/report.html",
        **_about(wanted),
        report=found,
        rows=report_pages.names(found, wanted.by),
        score_of=score.score,
        choices=report_pages.choices(),
        around=report_pages.around(wanted),
        volume=report_pages.of_measures(report_pages.VOLUME),
        verdicts=report_pages.of_measures(report_pages.VERDICTS),
        beside=report_pages.of_measures(report_pages.BESIDE),
        errors=errors,
    ), 422 if errors else 200


@bp.get("/reports/over-time")
def in_time() -> ResponseReturnValue:
    """The trend, the comparison with the period before and the year before, the hours of calls."""
    wanted = Wanted.from_args(request.args, clock.now())
    scope = _scope(wanted)
    parts = _parts(wanted.period)
    return render_template(
        "figures/_over_time.html",
        **_about(wanted),
        parts=[(one, report_pages.day_or_month(one)) for one in parts],
        trend=over_time.trend(scope, parts, TREND),
        compared=_compared(scope, wanted),
        hours=over_time.calls_by_hour(scope),
        headlines=report_pages.of_measures(report_pages.HEADLINES),
        rates=report_pages.HEADLINE_RATES,
    )


@bp.get("/reports/rising")
def more_than_before() -> ResponseReturnValue:
    """Employers and categories that are heard of more than in the period before."""
    wanted = Wanted.from_args(request.args, clock.now())
    scope, before = _scope(wanted), _comparable(wanted.period.before(), wanted.period)
    return render_template(
        "figures/_rising.html",
        **_about(wanted),
        employers=rising.employers(scope, before),
        categories=[
            (one, report_pages.name_of_key(By.CATEGORY, str(one.key)))
            for one in rising.categories(scope, before)
        ],
    )


@bp.get("/reports/inspected")
def inspected() -> ResponseReturnValue:
    """What the inspections of the period found, where it is a month."""
    wanted = Wanted.from_args(request.args, clock.now())
    by = {By.DEPARTMENT: results.By.DEPARTMENT, By.OPERATOR: results.By.OPERATOR}.get(wanted.by)
    whole = wanted.period
    is_month = whole.span is Span.MONTH and not wanted.narrowed
    if by is None or not is_month or not has(g.user, Permission.SUPERVISE, Permission.REVIEW):
        return render_template("figures/_inspected.html", **_about(wanted), rows=[])
    rows, all_rows = results.with_whole(whole.since, whole.until, by=by, viewer=g.user)
    return render_template(
        "figures/_inspected.html",
        **_about(wanted),
        rows=rows,
        whole=all_rows,
        by=by,
        work=results.WORKS[by].value,
        whose=quality_pages.whose,
        month=whole.name,
        days=quality_pages.days_of(Month(whole.first, whole.last)),
    )


@bp.get("/reports/behind")
def behind_number() -> ResponseReturnValue:
    """Exactly the rows behind one number."""
    wanted, measure, scope = _asked(request.args)
    slowest = request.args.get("order") == "slowest"
    page = behind.page(measure, scope, slowest=slowest, after=request.args.get("after", ""))
    return render_template(
        "figures/behind.html",
        **_about(wanted),
        here=_here(wanted, request.args),
        measure=measure,
        row=_row_of(wanted, request.args),
        page=page,
        number=behind.number(measure, scope),
        slowest=slowest,
        known=partial(access.may_know_caller, g.user),
        title_of=partial(reading.title_for, g.user),
    )


@bp.get("/reports/in-words")
def in_words() -> ResponseReturnValue:
    """The paragraph for the leader, in both languages, every number linked."""
    wanted = Wanted.from_args(request.args, clock.now())
    before = _comparable(wanted.period.before(), wanted.period)
    year_before = _comparable(wanted.period.year_before(), wanted.period)
    told = words.told(_scope(wanted), before, year_before)
    paragraphs = {}
    for locale in ("zh", "en"):
        with force_locale(locale):
            paragraph = render_template(
                "figures/_paragraph.html",
                **_about(wanted),
                told=told,
                before=before,
                year_before=year_before,
                locale=locale,
            )
            paragraphs[locale] = Markup(paragraph.strip())  # noqa: S704 - a template of ours
    is_over = words.is_over(wanted.period, clock.now())
    return render_template(
        "figures/in_words.html", **_about(wanted), paragraphs=paragraphs, is_over=is_over
    )


@bp.post("/reports/export")
def export() -> ResponseReturnValue:
    """The whole report as a table: one line for each of its rows, every measure a column."""
    wanted = Wanted.from_args(request.form, clock.now())
    return send(table_pages.table(wanted, report.report(_scope(wanted), wanted.by)))


@bp.post("/reports/behind/export")
def export_behind() -> ResponseReturnValue:
    """The rows behind one number as a table, all of them."""
    wanted, measure, scope = _asked(request.form)
    row, more = _row_of(wanted, request.form), table_pages.narrowed_to(request.form)
    return send(table_pages.behind_table(g.user, wanted, measure, scope, row, more))


def _scope(wanted: Wanted) -> Scope:
    return wanted.scope(g.user, clock.now())


def _about(wanted: Wanted) -> dict[str, object]:
    return {
        "wanted": wanted,
        "behind": report_pages.links(wanted),
        **report_pages.words(),
    }


def _asked(args: Mapping[str, str]) -> tuple[Wanted, Measure, Scope]:
    """Which number was clicked: of what report, in which row, in which hour of the week."""
    wanted = Wanted.from_args(args, clock.now())
    measure = MEASURES.get(args.get("measure", ""))
    if measure is None:
        raise Invalid(N_("There is no such figure."), field="measure")
    scope = _scope(wanted)
    if args.get("key"):
        scope = behind.within(scope, wanted.by, checked(wanted.by, args["key"]))
    if args.get("employer"):
        scope = replace(scope, more=(*scope.more, rising.of_employer(args["employer"], g.user)))
    if args.get("leaf"):
        leaf = Ticket.category_id == _number(args, "leaf", 10**9)
        scope = replace(scope, more=(*scope.more, leaf))
    if args.get("hour"):
        if measure.source_name != "calls":
            raise NotFound
        cell = over_time.in_hour(_number(args, "weekday", 6), _number(args, "hour", 23))
        scope = replace(scope, more=(*scope.more, cell))
    return wanted, measure, scope


def _here(wanted: Wanted, args: Mapping[str, str]) -> dict[str, str]:
    """What was asked for, for links to the other pages of it; names that we know alone."""
    return wanted.args | {name: args[name] for name in OF_A_NUMBER if args.get(name)}


def _number(args: Mapping[str, str], name: str, most: int) -> int:
    value = args.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and int(value) <= most):
        raise NotFound
    return int(value)


def _row_of(wanted: Wanted, args: Mapping[str, str]) -> report_pages.Named | None:
    if not args.get("key"):
        return None
    return report_pages.name_of_key(wanted.by, checked(wanted.by, args["key"]))


def _parts(whole: Period) -> list[Period]:
    """The points of the trend: thirteen months that end with it, or each of its own days."""
    if whole.span is Span.YEAR:
        return period.months_until(whole, 12)
    if whole.span is Span.DAYS and whole.days <= DAYS_ONE_BY_ONE:
        days = (whole.first + timedelta(n) for n in range(whole.days))
        return [Period(day, day) for day in days]
    return period.months_until(whole, MONTHS)


def _comparable(other: Period, whole: Period) -> Period:
    """As many days of `other` as `whole` has behind it: half a month against half a one."""
    cut = whole.cut(clock.now())
    return other if cut is whole else other.first_days(cut.days)


def _compared(scope: Scope, wanted: Wanted) -> list[tuple[Period, Line]]:
    """This period, the one before, and the same of a year ago; each with its counts."""
    names = [*report_pages.HEADLINES]
    for rate in report_pages.HEADLINE_RATES:
        names += [RATES[rate].part, RATES[rate].whole]
    names += list(score.PARTS)
    whole = wanted.period
    periods = [whole]
    for other in (whole.before(), whole.year_before()):
        if (comparable := _comparable(other, whole)) not in periods:
            periods.append(comparable)
    return [
        (one, Line(report.counts(replace(scope, period=one), dict.fromkeys(names))))
        for one in periods
    ]
