"""What the pages of the quality inspection show, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask import g, url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from hotline import clock
from hotline.drafts import service as drafts
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.quality import conflicts, forms, queries, results, service, sheets
from hotline.quality.marks import Marks, score
from hotline.quality.queries import State
from hotline.quality.results import By, Row
from hotline.sla import months
from hotline.sla.months import Month
from hotline.template_filters import name_of
from hotline.tickets import pages as tickets
from hotline.wall_clock import zone
from models import Decision, Inspection, Sample, Work

STATES: dict[State, str] = {
    State.TO_SCORE: N_("To score"),
    State.SCORED: N_("Scored"),
    State.PASSED: N_("Passed"),
    State.FAILED: N_("Not passed"),
    State.APPEALED: N_("Appealed"),
    State.UNDECIDED: N_("Appeal not decided"),
    State.CHANGED: N_("Changed after an appeal"),
}
BY: dict[By, str] = {
    By.OPERATOR: N_("Calls, by operator"),
    By.DEPARTMENT: N_("Answers, by department"),
    By.TELLER: N_("Callbacks, by who told"),
}
EVENTS: dict[str, str] = {
    "assign": N_("Drawn and given to an inspector"),
    "take": N_("Taken over by another inspector"),
    "score": N_("Scored"),
    "send_back": N_("Answer sent back"),
    "appeal": N_("Appealed"),
    "uphold": N_("Appeal decided: upheld"),
    "change": N_("Appeal decided: changed"),
}
TABS = (
    ("quality.desk", N_("My inspections")),
    ("quality.inspections", N_("All inspections")),
    ("quality.results", N_("Results of the inspections")),
    ("quality.samples", N_("Samples")),
)
MIDNIGHT = time()
DECIDE = {Decision.UPHELD: N_("The score stands"), Decision.CHANGED: N_("Change the score")}


@dataclass(frozen=True)
class Table:
    """The lines of one kind of work, and all of them together."""

    by: By
    title: str
    rows: list[Row]
    whole: Row


def tabs(here: str) -> list[tuple[str, str, bool, None]]:
    """The pages of the inspection that the viewer may open."""
    found = [(_(name), url_for(place), place == here, None) for place, name in TABS]
    if has(g.user, Permission.SUPERVISE):
        url = url_for("score_sheets.edit", work=Work.CALL.value)
        found.append((_("Score sheets"), url, here == "score_sheets", None))
    return found


def draft_key(inspection: Inspection, form: str = "score") -> str:
    """Under which key what is typed into a form of an inspection is kept until it is sent."""
    return f"{form}:{inspection.id}"


def outcome_of(one: Inspection) -> str:
    """What came of an inspection, as its badge says: a sentence to be translated."""
    if one.scored_at is None:
        return STATES[State.TO_SCORE]
    if one.is_knocked_out:
        return N_("Knocked out")
    return STATES[State.PASSED if one.is_passed else State.FAILED]


def page_of(
    inspection: Inspection,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything the page of one inspection shows to who is signed in."""
    viewer, now = g.user, clock.now()
    is_scored = inspection.scored_at is not None
    may_decide = service.may_decide(inspection, viewer)
    filled = forms.shown(Marks.of_data(inspection.marks)) if is_scored else {}
    reviews = has(viewer, Permission.REVIEW)
    to_score = reviews and not is_scored
    is_free = to_score and not conflicts.has_part(viewer, inspection.ticket)
    may_send_back = reviews and service.may_send_back(inspection, viewer)
    open_form = "decide" if may_decide else "appeal" if is_scored else "score"
    draft = drafts.of(viewer, draft_key(inspection, open_form))
    return {
        **tickets.page_of(inspection.ticket),
        "inspection": inspection,
        "sections": sheets.sections_of(inspection.sheet),
        "draft_key": draft_key,
        "typed": typed or draft or filled,
        "filled": filled,
        "errors": errors or {},
        "may_score": is_free and inspection.inspector_id == viewer.id,
        "to_score": to_score,
        "is_free": is_free,
        "may_send_back": may_send_back,
        "may_appeal": inspection.person_id == viewer.id and inspection.may_be_appealed(now),
        "may_decide": may_decide,
        "decide": [(one.value, _(words)) for one, words in DECIDE.items()],
        "is_before_the_callback": queries.is_before_the_callback(inspection),
        "was_rung_in_vain": queries.was_rung_in_vain(inspection),
        "reason": reason_of(inspection) if may_send_back else "",
        "reviews": reviews,
        "said": lambda kind: _(EVENTS[kind]),
    }


def reason_of(inspection: Inspection) -> str:
    """Why an answer goes back: what it lost points for, in the words of the inspector."""
    filled = Marks.of_data(inspection.marks)
    criteria = sheets.criteria_of(inspection.sheet)
    colon = "：" if str(get_locale()).startswith("zh") else ": "
    return "\n".join(
        f"{name_of(criteria[key])}{colon}{filled.by_key[key].words}"
        for key in score(filled, criteria).failed
    )


def month_name(month: Month) -> str:
    """A month as people call it."""
    is_chinese = str(get_locale()).startswith("zh")
    return str(format_date(month.last, "y年M月" if is_chinese else "MMMM y"))


def days_of(month: Month) -> str:
    """From which day to which: a reporting month need not be one of the calendar."""
    return _("%(first)s to %(last)s", first=month.first.isoformat(), last=month.last.isoformat())


def period_of(sample: Sample) -> str:
    """What a sample was drawn from: its days where they are whole ones, else to the minute."""
    since, until = (one.astimezone(zone()) for one in (sample.since_at, sample.until_at))
    if since.time() == until.time() == MIDNIGHT:
        return days_of(Month(since.date(), until.date() - months.ONE_DAY))
    first, last = (f"{one:%Y-%m-%d %H:%M}" for one in (since, until))
    return _("%(first)s to %(last)s", first=first, last=last)


def tables(month: Month) -> list[Table]:
    """The results of a month, a table for each kind of work."""
    found = []
    for by, title in BY.items():
        rows, whole = results.with_whole(month.since, month.until, by=by, viewer=g.user)
        found.append(Table(by, _(title), rows, whole))
    return found


def whose(by: By, row: Row) -> dict[str, Any]:
    """The part of an address that names whose work a line sums up."""
    return {"department" if by is By.DEPARTMENT else "person": row.key}
