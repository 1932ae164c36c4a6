"""What the callback card shows: who, which number, what to say, what to ask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from hotline.callbacks import attempts, choices, forms, messages, queries
from hotline.callbacks.promises import ABOUT_THE_RESULT
from hotline.callbacks.windows import WINDOWS
from hotline.callers import reveals
from hotline.calls import placed, placing_jobs
from hotline.drafts import service as drafts
from hotline.feedback import evidence
from hotline.feedback import service as feedback
from hotline.handoffs.words import again
from hotline.i18n import N_
from hotline.outbox import adapter
from hotline.outbox import service as outbox
from hotline.permissions import Permission, has
from hotline.phone_numbers import for_display
from hotline.sla import deadlines
from hotline.template_filters import label
from hotline.tickets.lifecycle import AT_HOTLINE
from models import (
    Callback,
    CallbackKind,
    Handoff,
    Outcome,
    Resolution,
    Satisfaction,
    TicketStatus,
    User,
)

# What to say when nobody wrote down anything better.
WORDS = {
    CallbackKind.RETURN_CALL: N_(
        "Hello, this is the union's hotline. You rang us and we could not answer in time. How may"
        " we help you?"
    ),
    CallbackKind.TELL: N_("Hello, this is the union's hotline. I ring about what you asked us."),
    CallbackKind.FOLLOW_UP: N_(
        "Hello, this is the union's hotline. May I ask whether the department has contacted you,"
        " and whether you are satisfied?"
    ),
    CallbackKind.SAFETY: N_("Hello, this is the union's hotline. Are you safe now?"),
}
# One key each, in the order in which calls go: outcome on digits, questions on the rows below.
OUTCOMES = (
    Outcome.REACHED,
    Outcome.NO_ANSWER,
    Outcome.BUSY,
    Outcome.LATER,
    Outcome.SOMEBODY_ELSE,
    Outcome.REFUSED_CALL,
    Outcome.DEAD_NUMBER,
    Outcome.VOICEMAIL,
    Outcome.DECLINED_SURVEY,
    Outcome.BY_MESSAGE,
)

AT = (forms.AT_A_TIME, N_("At a certain time"))
SATISFACTIONS = tuple(zip(Satisfaction, "ZXCV", strict=True))


def of(
    callback: Callback, viewer: User, *, at: datetime, typed: Mapping[str, str] | None
) -> dict[str, Any]:
    """The variables of callbacks/card.html; `typed` None means: what the draft holds."""
    ticket, handoff = callback.ticket, evidence.last_answer(callback.ticket)
    closes, numbers = may_close(callback), attempts.numbers_for(viewer, callback)
    return {
        "callback": callback,
        "ticket": ticket,
        "handoff": handoff,
        "attempts": callback.attempts,
        "is_mine": callback.owner_id == viewer.id and callback.ended_at is None,
        "may_release": callback.owner_id == viewer.id or has(viewer, Permission.SUPERVISE),
        "shows_number": shows_number(callback, viewer, at),
        "number_options": [(one, for_display(one)) for one in numbers],
        "placed": placed.latest(callback, at),
        "can_place": any(placing_jobs.line_for(viewer, one) for one in numbers),
        "words": callback.words or _(WORDS[callback.kind]),
        "outcomes": _outcomes(callback, viewer),
        "later_options": [(word, _(text)) for word, text in [*WINDOWS.items(), AT]],
        "closes": closes,
        "asks": closes and ticket.status is TicketStatus.ANSWERED,
        "words_of_rework": _words_of_rework(handoff, at),
        "resolution_options": _resolutions(callback, viewer),
        "satisfactions": [(one.value, label(one), key) for one, key in SATISFACTIONS],
        **_message_part(callback, viewer, at),
        "typed": typed if typed is not None else _begun(callback, viewer, handoff),
    }


def may_close(callback: Callback) -> bool:
    """Whether telling the caller ends the ticket: there is a result, and this call is about it.

    A caller who was only promised a ring has still to say what it is about.
    """
    ticket = callback.ticket
    is_unheard = ticket.status is TicketStatus.OPEN and not ticket.question
    return callback.kind in ABOUT_THE_RESULT and ticket.status in AT_HOTLINE and not is_unheard


def may_choose_message(callback: Callback, viewer: User) -> bool:
    """Whether the caller may ask `viewer` for a short message: who rings also sends it, it is
    proved here, and nobody else reads."""
    ticket = callback.ticket
    return (
        (may_close(callback) or callback.new_date is not None)
        and messages.may_send(viewer)
        and adapter.proves_messages()
        and not ticket.is_confidential
        and choices.gets_messages(ticket.callback_number)
    )


def _outcomes(callback: Callback, viewer: User) -> list[tuple[Outcome, str]]:
    """How a ring may go, each with its digit, which is always the same."""
    possible = set(OUTCOMES)
    if not may_close(callback):
        possible.discard(Outcome.DECLINED_SURVEY)
    if not may_choose_message(callback, viewer):
        possible.discard(Outcome.BY_MESSAGE)
    return [(one, str(n % 10)) for n, one in enumerate(OUTCOMES, 1) if one in possible]


def _message_part(callback: Callback, viewer: User, at: datetime) -> dict[str, Any]:
    """What the card says of the short message that the caller chose."""
    before, after = outbox.result_frame(callback.ticket)
    may_send = messages.may_send(viewer)
    return {
        "choice": choices.in_force(callback.ticket),
        "proves_messages": adapter.proves_messages(),
        "may_send": may_send,
        "fits_message": messages.fits(callback),
        "can_send": may_send and messages.can_be_sent(callback) and adapter.proves_messages(),
        "leaves_at": messages.waiting([callback], at).get(callback.id),
        "message": messages.latest(callback),
        "has_arrived": queries.has_arrived(callback),
        "frame": (adapter.signature() + before, after),
        "longest_words": messages.LONGEST_WORDS,
    }


def shows_number(callback: Callback, viewer: User, at: datetime) -> bool:
    """The task is the reason: who has taken a callback sees the number when it is time to ring."""
    return callback.ended_at is None and reveals.task_of(viewer, callback.ticket, at=at) is not None


def _words_of_rework(handoff: Handoff | None, at: datetime) -> str:
    """What to say when the department has to do it again."""
    if handoff is None:
        return ""
    return again(handoff.department, deadlines.rework_due(at, handoff.department))


def _resolutions(callback: Callback, viewer: User) -> list[tuple[str, str]]:
    """How the ticket may end; only a supervisor decides that a repeated matter is not taken up."""
    decides = has(viewer, Permission.SUPERVISE)
    return [
        (one.value, label(one))
        for one in feedback.resolutions_for(callback.ticket)
        if one is not Resolution.CLOSED_REPEAT or decides
    ]


def draft_key(callback: Callback) -> str:
    return f"callback:{callback.id}"


def _begun(callback: Callback, viewer: User, handoff: Handoff | None) -> dict[str, str]:
    """The form as it is first seen: the draft, over what is likely."""
    solved = handoff is not None and handoff.is_solved
    likely = {
        "told": callback.words,
        "words": (handoff.answer if handoff else "") or callback.words,
        "resolution": (Resolution.SOLVED if solved else Resolution.EXPLAINED).value,
        "then": forms.REWORK,
    }
    return likely | drafts.of(viewer, draft_key(callback))
