"""What the callback card shows: who, which number, what to say, what to ask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from hotline.callbacks import attempts, forms
from hotline.callbacks.promises import ABOUT_THE_RESULT
from hotline.callbacks.windows import WINDOWS
from hotline.callers import reveals
from hotline.drafts import service as drafts
from hotline.feedback import evidence
from hotline.feedback import service as feedback
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.phone_numbers import for_display
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
)

AT = ("at", N_("At a certain time"))
SATISFACTIONS = tuple(zip(Satisfaction, "ZXCV", strict=True))


def of(
    callback: Callback, viewer: User, *, at: datetime, typed: Mapping[str, str] | None
) -> dict[str, Any]:
    """The variables of callbacks/card.html; `typed` None means: what the draft holds."""
    ticket, handoff = callback.ticket, evidence.last_answer(callback.ticket)
    closes = may_close(callback)
    return {
        "callback": callback,
        "ticket": ticket,
        "handoff": handoff,
        "attempts": callback.attempts,
        "is_mine": callback.owner_id == viewer.id and callback.ended_at is None,
        "may_release": callback.owner_id == viewer.id or has(viewer, Permission.SUPERVISE),
        "shows_number": shows_number(callback, viewer, at),
        "number_options": [(one, for_display(one)) for one in attempts.numbers_left(callback)],
        "words": callback.words or _(WORDS[callback.kind]),
        "outcomes": [one for one in OUTCOMES if closes or one is not Outcome.DECLINED_SURVEY],
        "later_options": [(word, _(text)) for word, text in [*WINDOWS.items(), AT]],
        "closes": closes,
        "asks": closes and ticket.status is TicketStatus.ANSWERED,
        "resolution_options": _resolutions(callback, viewer),
        "satisfactions": [(one.value, label(one), key) for one, key in SATISFACTIONS],
        "typed": typed if typed is not None else _begun(callback, viewer, handoff),
    }


def may_close(callback: Callback) -> bool:
    """Whether telling the caller ends the ticket: there is a result, and this call is about it."""
    return callback.kind in ABOUT_THE_RESULT and callback.ticket.status in AT_HOTLINE


def shows_number(callback: Callback, viewer: User, at: datetime) -> bool:
    """The task is the reason: who has taken a callback sees the number when it is time to ring."""
    return callback.ended_at is None and reveals.task_of(viewer, callback.ticket, at=at) is not None


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
        "resolution": (Resolution.SOLVED if solved else Resolution.EXPLAINED).value,
        "then": forms.REWORK,
    }
    return likely | drafts.of(viewer, draft_key(callback))
