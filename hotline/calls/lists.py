"""The list of calls that rang here, in pages that begin where the last one ended."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access, clock
from hotline.accounts import queries as accounts
from hotline.calls import filters, list_words
from hotline.calls.filters import CallFilter
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission
from hotline.sla import policies
from hotline.tickets.filters import Asked
from models import Call, User, db

bp = Blueprint("call_lists", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.REVIEW))

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some calls, and where the next page begins; `after` is empty on the last one."""

    calls: list[Call]
    after: str


@bp.get("/calls/list")
def index() -> ResponseReturnValue:
    """The calls that the query string asks for, the latest first."""
    wanted, asked = CallFilter.from_args(request.args), Asked(g.user, clock.now())
    errors: dict[str, str] = {}
    try:
        page = page_of(wanted, asked, after=request.args.get("after", ""))
    except Invalid as refused:
        page, errors = Page([], ""), {refused.field: _(refused.sentence)}
    answer = render_template(
        "calls/list.html",
        page=page,
        wanted=wanted,
        errors=errors,
        fates=[
            (word, _(text, seconds=policies.get("pickup_seconds")))
            for word, text in list_words.FATES.items()
        ],
        operators=[
            (user.id, user.display_name) for user in accounts.who_may(Permission.HANDLE_CALLS)
        ],
        known=partial(access.may_know_caller, g.user),
        last_day=filters.LAST_DAY,
    )
    return answer, 422 if errors else 200


def page_of(wanted: CallFilter, asked: Asked, *, after: str = "", size: int = PAGE) -> Page:
    """Up to `size` calls of `wanted`, the latest first, from after the key `after`.

    Raises Invalid when the filter or the key means nothing.
    """
    found = (
        select(Call)
        .join(Call.ticket)
        .where(*filters.conditions(wanted, asked))
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(size + 1)
        .options(contains_eager(Call.ticket), joinedload(Call.operator).lazyload(User.role_rows))
    )
    if after:
        started_at, call_id = _key(after)
        found = found.where(
            Call.started_at <= started_at, or_(Call.started_at < started_at, Call.id < call_id)
        )
    calls = list(db.session.scalars(found))
    has_more = len(calls) > size
    calls = calls[:size]
    return Page(calls, _after(calls[-1]) if has_more else "")


def _after(call: Call) -> str:
    return f"{call.started_at.timestamp():.6f}_{call.id}"


def _key(after: str) -> tuple[datetime, int]:
    seconds, _sep, call_id = after.partition("_")
    try:
        return datetime.fromtimestamp(float(seconds), tz=UTC), int(call_id)
    except (ValueError, OverflowError, OSError):
        raise Invalid(N_("There is no such page."), field="after") from None
