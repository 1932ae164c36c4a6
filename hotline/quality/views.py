"""The inspectors' pages: what to score, samples, and what the inspections found."""

from secrets import token_hex

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, NotFound
from hotline.fields import Typed
from hotline.guards import guard
from hotline.permissions import Permission, has, require
from hotline.quality import forms, list_pages, pages, queries, results, sampling, service
from hotline.quality.results import By
from hotline.sla import months, policies
from hotline.template_filters import pairs
from hotline.unit_of_work import unit_of_work
from models import Population, Work

bp = Blueprint("quality", __name__)
bp.before_request(guard(Permission.REVIEW))


@bp.get("/quality")
def desk() -> ResponseReturnValue:
    """What the viewer has to score and to decide."""
    mine = queries.given_to(g.user)
    appeals, stuck = queries.appeals_waiting(g.user)
    return render_template(
        "quality/desk.html",
        mine=mine,
        due=queries.callbacks_due(mine),
        appeals=appeals,
        stuck=stuck,
        nobodys=queries.nobodys(g.user),
        is_before=queries.is_before_the_callback,
        tabs=pages.tabs("quality.desk"),
    )


@bp.get("/quality/inspections")
def inspections() -> ResponseReturnValue:
    """The sheets that the query string asks for, the latest first."""
    asked = list_pages.asked(request.args)
    wanted = list_pages.wanted(asked)
    rows, more = queries.page_of(wanted, viewer=g.user, after=request.args.get("after", type=int))
    return render_template(
        "quality/inspections.html",
        rows=rows,
        asked=asked,
        days=pages.days_of(list_pages.month(request.args)) if wanted.since else "",
        works=pairs(Work),
        states=[(state.value, _(words)) for state, words in pages.STATES.items()],
        next_url=url_for("quality.inspections", **asked, after=more) if more else "",
        first_url=url_for("quality.inspections", **asked) if request.args.get("after") else "",
        tabs=pages.tabs("quality.inspections"),
    )


@bp.get("/quality/samples")
def samples() -> ResponseReturnValue:
    """What was drawn, the latest first, and a form to draw by hand."""
    return _samples_page({}, {})


@bp.post("/quality/samples")
def draw() -> ResponseReturnValue:
    """Draw a sample by hand; one more for the same period needs a reason."""
    require(g.user, Permission.SUPERVISE)
    try:
        with unit_of_work():
            sample = service.draw(forms.wanted(request.form), actor=g.user, at=clock.now())
    except Invalid as refusal:
        return _samples_page(request.form, beside_fields(refusal)), refusal.status
    flash(_("Drawn and given to the inspectors."))
    return redirect(url_for("quality.sample", sample_id=sample.id), 303)


@bp.get("/quality/samples/<int:sample_id>")
def sample(sample_id: int) -> ResponseReturnValue:
    """One sample: its rule, and how many of how many of each stratum."""
    return _sample_page(sample_id)


@bp.get("/quality/samples/<int:sample_id>/again")
def draw_again(sample_id: int) -> ResponseReturnValue:
    """Draw it once more: the same tickets, or why not."""
    return _sample_page(sample_id, is_again=True)


@bp.get("/quality/results", endpoint="results")
def results_page() -> ResponseReturnValue:
    """What the inspections of a month found, every number with its sheets."""
    month = list_pages.month(request.args)
    return render_template(
        "quality/results.html",
        month=month.name,
        month_name=pages.month_name(month),
        days=pages.days_of(month),
        previous=url_for("quality.results", month=month.before().name),
        following=url_for("quality.results", month=month.after().name),
        tables=pages.tables(month),
        whose=pages.whose,
        works=results.WORKS,
        least=policies.get("inspection_pass_points"),
        tabs=pages.tabs("quality.results"),
    )


@bp.get("/quality/results/<by>")
def population(by: str) -> ResponseReturnValue:
    """The work behind the N of a line: every ticket that could have been drawn."""
    if by not in set(By):
        raise NotFound
    args = request.args
    month = list_pages.month(args)
    is_department = By(by) is By.DEPARTMENT
    rows, more = results.population_page(
        By(by),
        month.since,
        month.until,
        viewer=g.user,
        key=args.get("department" if is_department else "person", type=int),
        after=args.get("after", type=int),
    )
    asked = list_pages.asked(args, "month", "person", "department")
    return render_template(
        "quality/population.html",
        rows=rows,
        title=_(pages.BY[By(by)]),
        month_name=pages.month_name(month),
        days=pages.days_of(month),
        back=url_for("quality.results", month=month.name),
        next_url=url_for("quality.population", by=by, **asked, after=more) if more else "",
    )


def _samples_page(typed: Typed, errors: dict[str, str]) -> str:
    rows, more = queries.samples(request.args.get("before", type=int))
    month = months.at(clock.now()).before()
    fresh = {
        "since": month.first.isoformat(),
        "until": month.last.isoformat(),
        "percent": str(policies.get("sample_percent")),
    }
    return render_template(
        "quality/samples.html",
        rows=rows,
        next_url=url_for("quality.samples", before=more) if more else "",
        typed=typed or {**fresh, "population": Population.CLOSED.value, "seed": token_hex(8)},
        errors=errors,
        period_of=pages.period_of,
        may_draw=has(g.user, Permission.SUPERVISE),
        Population=Population,
        tabs=pages.tabs("quality.samples"),
        lengths={"seed": sampling.SEED_LENGTH, "reason": sampling.REASON_LENGTH},
        by_hand_before=sampling.BY_HAND_BEFORE,
    )


def _sample_page(sample_id: int, *, is_again: bool = False) -> str:
    sample = queries.sample(sample_id)
    return render_template(
        "quality/sample.html",
        sample=sample,
        period=pages.period_of(sample),
        again=service.draw_again(sample) if is_again else None,
        strata={sampling.stratum_of(row): row for row in sample.strata},
        tabs=pages.tabs("quality.samples"),
        by_hand_before=sampling.BY_HAND_BEFORE,
    )
