"""What the ticket page shows: the buttons this person may press now, the story, what is owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import g
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from hotline import access, clock
from hotline.callbacks import choices
from hotline.drafts import service as drafts
from hotline.feedback import forms as feedback_forms
from hotline.handoffs import extension_forms, extensions, new_dates, telling
from hotline.handoffs import forms as handoff_forms
from hotline.handoffs import service as handoffs
from hotline.permissions import Permission, has
from hotline.supervision import unsupervised
from hotline.template_filters import label, local_date, local_datetime, name_of, yuan
from hotline.tickets import forms, lifecycle, reading, timeline
from hotline.tickets.forms import Verb
from hotline.tickets.lifecycle import Action
from hotline.tickets.timeline_words import MoneyPutRight, Moved
from models import Callback, Department, Handoff, HandoffRole, Ticket, TicketStatus, User, db

VERBS: dict[Action, Verb] = {
    **forms.VERBS,
    **handoff_forms.VERBS,
    **extension_forms.VERBS,
    **feedback_forms.VERBS,
}
A, S = Action, TicketStatus
# What stands beside the title in each status, the first possible one as the main button; what
# else is possible is in the menu.
FIRST = {
    S.OPEN: (A.HAND_OFF, A.CLOSE, A.CLAIM, A.KEEP, A.NOTE),
    S.QUEUED: (A.TELL_DATE, A.ACCEPT, A.ANSWER, A.GRANT_EXTENSION, A.REFUSE_EXTENSION, A.SEND_BACK,
               A.REFUSE_RETURN, A.ASK_RETURN, A.ASSIST_ANSWER, A.CHASE, A.RECALL, A.NOTE),
    S.ACCEPTED: (A.TELL_DATE, A.ANSWER, A.END_WAIT, A.GRANT_EXTENSION, A.REFUSE_EXTENSION,
                 A.SEND_BACK, A.REFUSE_RETURN, A.WAIT, A.ASK_EXTENSION, A.ASSIST_ANSWER, A.CHASE,
                 A.RECALL, A.NOTE),
    S.ANSWERED: (A.CLOSE, A.REWORK, A.ASSIST_ANSWER, A.CLAIM, A.KEEP, A.NOTE),
    S.SUSPENDED: (A.RESUME, A.ASSIST_ANSWER, A.NOTE),
    S.CLOSED: (A.REOPEN, A.NOTE),
}  # fmt: skip
# What every page of a ticket asks, made once.
HANDOFFS = (
    select(Handoff)
    .where(Handoff.ticket_id == bindparam("ticket"))
    .options(
        joinedload(Handoff.handler).lazyload(User.role_rows),
        joinedload(Handoff.department),
        joinedload(Handoff.return_better_department),
        joinedload(Handoff.extensions),
    )
    .order_by(Handoff.id)
)
CALLBACKS = (
    select(Callback)
    .where(Callback.ticket_id == bindparam("ticket"))
    .options(joinedload(Callback.owner).lazyload(User.role_rows))
    .order_by(Callback.id)
)


@dataclass(frozen=True)
class Act:
    """A form as it stands open on the page: what is in it, and why it was refused."""

    action: Action
    typed: Mapping[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


def page_of(ticket: Ticket, act: Act | None = None) -> dict[str, Any]:
    """Everything the page of `ticket` shows to who is signed in."""
    running = _handoffs_of(ticket)
    owed = _callbacks_of(ticket)
    new_date = _new_date(running, owed)
    first, more = buttons_for(ticket, g.user, running, is_date_owed=bool(new_date))
    return {
        "ticket": ticket,
        "title": reading.title_for(g.user, ticket),
        "question": reading.question_for(g.user, ticket),
        "knows_caller": access.may_know_caller(g.user, ticket),
        "is_hotline": has(g.user, Permission.HANDLE_CALLS),
        "may_correct_money": has(g.user, Permission.SUPERVISE),
        "first": first,
        "more": more,
        "verbs": VERBS,
        "handoffs": [one for one in running if one.ended_at is None],
        "about": ticket.about_department,
        "is_unsupervised": unsupervised.is_so(ticket),
        "callbacks": [one for one in owed if one.ended_at is None],
        "may_decide_time": A.GRANT_EXTENSION in (*first, *more),
        "new_date": new_date,
        "choice": choices.in_force(ticket),
        "others": _others_of(ticket),
        "story": timeline.of(ticket, viewer=g.user, handoffs=running, callbacks=owed),
        "hidden": lambda text: reading.hidden_for(g.user, text, ticket),
        "spoken": spoken,
        **form_of(ticket, act),
    }


def _new_date(rows: Sequence[Handoff], owed: Sequence[Callback]) -> str:
    """The new date that the caller has still to be told, as the hotline says it."""
    lead = _lead_of(rows)
    if lead is None or not has(g.user, Permission.HANDLE_CALLS):
        return ""
    return new_dates.untold_beside(telling.standing_among(owed), lead)


def _lead_of(rows: Sequence[Handoff]) -> Handoff | None:
    leads = [one for one in rows if one.role is HandoffRole.LEAD and one.ended_at is None]
    return leads[-1] if leads else None


def form_of(ticket: Ticket, act: Act | None) -> dict[str, Any]:
    """The open form, with what its fields offer."""
    if act is None:
        return {"act": None}
    verb = VERBS[act.action]
    key = draft_key(ticket, act.action)
    extra: dict[str, Any] = {"act": act, "verb": verb, "ticket": ticket, "draft_key": key}
    if act.action is A.HAND_OFF:
        extra["words"] = words_for(ticket, act.typed)
    return {**extra, **verb.choices(ticket, g.user)}


def words_for(ticket: Ticket, typed: Mapping[str, Any]) -> str:
    """The sentence for the caller that a hand-off would make, as the viewer may read it."""
    sentence = handoff_forms.words_before(ticket, typed, clock.now())
    return reading.hidden_for(g.user, sentence, ticket)


def blank(ticket: Ticket, action: Action) -> Act:
    """The form of `action` as it opens: with what was being typed when it was left, if anything."""
    draft = drafts.of(g.user, draft_key(ticket, action))
    return Act(action, draft or VERBS[action].shown(ticket, g.user))


def draft_key(ticket: Ticket, action: Action) -> str:
    """Under which key what is typed into a form is kept until it is sent."""
    return f"{action.value}:{ticket.id}"


def buttons_for(
    ticket: Ticket, viewer: User, rows: Sequence[Handoff], *, is_date_owed: bool
) -> tuple[list[Action], list[Action]]:
    """The buttons beside the title, and those of the menu: what may be done and makes sense now."""
    at = clock.now()
    possible = [
        action
        for action in lifecycle.actions_for(ticket, viewer)
        if action in VERBS and _makes_sense(action, ticket, viewer, rows, at, is_date_owed)
    ]
    first = [action for action in FIRST[ticket.status] if action in possible]
    return first, [action for action in possible if action not in first]


def _makes_sense(
    action: Action,
    ticket: Ticket,
    viewer: User,
    rows: Sequence[Handoff],
    at: datetime,
    is_date_owed: bool,
) -> bool:
    """Whether the button would not be refused for a reason that everybody can see already."""
    lead = _lead_of(rows)
    if action in (A.SEND_BACK, A.REFUSE_RETURN):
        own = lead is not None and lead.return_asked_by_id == viewer.id
        return lead is not None and lead.return_is_undecided and not own
    if action in (A.GRANT_EXTENSION, A.REFUSE_EXTENSION):
        return any(
            asked.asked_by_id != viewer.id for asked in map(extensions.undecided, rows) if asked
        )
    if action is A.ASK_EXTENSION:
        mine = access.departments_of(viewer)
        return any(extensions.may_ask(one, at) for one in rows if one.department_id in mine)
    if action is A.ASK_LEVEL:
        return lead is not None and extensions.may_ask(lead, at, for_a_level=True)
    if action is A.TELL_DATE:
        return is_date_owed and telling.is_on_the_line(ticket, at)
    if action is A.ASK_RETURN:  # asks the calendar, which most pages need not
        return lead is not None and handoffs.may_ask(lead, at)
    sensible = {
        A.CLAIM: ticket.owner_id is None,
        A.RELEASE: ticket.owner_id is not None,
        A.KEEP: not ticket.callback_number and ticket.kept_since_at is None,
        A.WAIT: ticket.waiting_since_at is None and ticket.waited_at is None,
        A.END_WAIT: ticket.waiting_since_at is not None,
        A.SUSPEND: ticket.waiting_since_at is None,
        A.SUPERVISE: not ticket.is_supervised,
        A.LIFT: ticket.is_supervised,
        A.REPORT_BACK: bool(ticket.outer_number) and ticket.outer_reported_at is None,
        A.CHASE: ticket.department_id is not None,
        A.EXCLUDE: ticket.handoff_count > 0 and ticket.excluded_at is None,
        A.INCLUDE: ticket.excluded_at is not None,
    }
    return sensible.get(action, True)


def spoken(values: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a sentence in the reader's language."""
    return {name: said(value) for name, value in values.items()}


def said(value: Any) -> str:
    """A value of the timeline in the reader's words."""
    if isinstance(value, StrEnum):
        return label(value)
    if isinstance(value, Department):
        return name_of(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, MoneyPutRight):
        return f"{yuan(value.before_fen)} → {yuan(value.after_fen)}"
    if isinstance(value, Moved):
        return f"{said(value.before)} → {said(value.after)}"
    if isinstance(value, datetime):
        return local_datetime(value)
    return local_date(value) if isinstance(value, date) else str(value)


def _handoffs_of(ticket: Ticket) -> list[Handoff]:
    return list(db.session.scalars(HANDOFFS, {"ticket": ticket.id}).unique())


def _callbacks_of(ticket: Ticket) -> list[Callback]:
    return list(db.session.scalars(CALLBACKS, {"ticket": ticket.id}))


def _others_of(ticket: Ticket) -> list[Ticket]:
    """Tickets of the same collective and what this one repeats, as far as the viewer sees them."""
    if ticket.collective_id is None and ticket.repeat_of_id is None:
        return []
    same = (Ticket.collective_id == ticket.collective_id) & Ticket.collective_id.is_not(None)
    found = select(Ticket).where(
        same | (Ticket.id == ticket.repeat_of_id), Ticket.id != ticket.id, access.visible(g.user)
    )
    return list(db.session.scalars(found.order_by(Ticket.id).limit(20)))
