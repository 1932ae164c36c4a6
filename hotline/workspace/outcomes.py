"""How a contact ends, one function each: several services composed in one unit of work.

Every outcome first writes down what the form says. Each returns the sentence for the next page.
"""

from collections.abc import Callable
from datetime import datetime

from flask_babel import gettext as _

from hotline.callbacks import service as callbacks
from hotline.callbacks.windows import WINDOWS
from hotline.calls import seats
from hotline.calls import service as calls
from hotline.drafts import service as drafts
from hotline.errors import Invalid, TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.i18n import N_
from hotline.tickets import service as tickets
from hotline.workspace import forms, queries
from hotline.workspace.forms import Typed
from models import (
    CallbackKind,
    Level,
    NoMatterKind,
    Resolution,
    SeatState,
    Ticket,
    User,
)

Outcome = Callable[..., str]


def draft_key(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}"


def save(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """Write it down; the ticket stays open with whoever has it."""
    tickets.describe(ticket, forms.description(typed), actor=actor, at=at)
    return _("Saved. The ticket stays with you.")


def answer(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """Answered in the call itself: told, closed, next."""
    tickets.describe(ticket, forms.description(typed), actor=actor, at=at)
    told = typed.get("answer", "")
    if not told.strip():
        raise Invalid(N_("Write what you told the caller."), field="answer")
    call = queries.conversation_about(ticket)
    if call is None:
        raise TransitionRefused(
            N_("Nobody has spoken with the caller yet: promise a callback instead."), field="answer"
        )
    feedback.close_in_call(
        ticket, call, actor=actor, at=at, told=told, resolution=Resolution.ANSWERED_DIRECTLY
    )
    return _("Told and closed: %(number)s.", number=ticket.number)


def hand_off(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """To the department, with the sentence that the caller is told now."""
    tickets.describe(ticket, forms.description(typed), actor=actor, at=at)
    department = forms.department(typed)
    if department is None:
        raise Invalid(N_("Choose the department."), field="department")
    handoff = handoffs.hand_off(
        ticket,
        department,
        actor=actor,
        at=at,
        note=typed.get("handoff_note", ""),
        level=forms.one_of(Level, typed, "level"),
    )
    return _("Handed off. To the caller: %(words)s", words=handoff.words_said)


def call_back_later(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """We find out ourselves and ring again in the caller's time."""
    tickets.describe(ticket, forms.description(typed), actor=actor, at=at)
    window = typed.get("window", "")
    if window and window not in WINDOWS:
        raise Invalid(N_("Choose one of the list."), field="window")
    promise = callbacks.promise(
        ticket,
        CallbackKind.TELL,
        at=at,
        owner=actor,
        words=typed.get("callback_words", ""),
        window=window,
    )
    if promise is None:
        raise Invalid(N_("There is no number to ring: write one down."), field="number")
    return _("The callback is promised.")


def no_matter(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """A wrong number, silence, an advert, a nuisance, a test: nothing to write down."""
    kind = forms.one_of(NoMatterKind, typed, "no_matter")
    call = queries.conversation_about(ticket)
    if kind is None or call is None:
        raise TransitionRefused(N_("This can only be said of a call that somebody answered."))
    feedback.close_no_matter(ticket, call, kind, actor=actor, at=at)
    return _("Closed: no matter.")


def same_matter(ticket: Ticket, other: Ticket, *, actor: User, at: datetime) -> str:
    """The call is about `other`, an open ticket of the same caller; the empty one goes into it."""
    call = queries.conversation_about(ticket)
    if call is None:
        raise TransitionRefused(N_("This can only be said of a call that somebody answered."))
    emptied = calls.point_to(call, other, actor=actor, at=at)
    feedback.merge(emptied, other, actor=actor, at=at)
    return _("The call belongs to %(number)s now.", number=other.number)


def next_call(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """The writing is done: the draft goes, and a seat that was writing up is free again."""
    drafts.discard(actor, draft_key(ticket))
    seat = seats.seat_of(actor)
    if seat is not None and seat.state is SeatState.AFTER_CALL:
        seats.set_seat_state(actor, SeatState.FREE, at=at)


OUTCOMES: dict[str, Outcome] = {
    "save": save,
    "answer": answer,
    "hand_off": hand_off,
    "call_back_later": call_back_later,
    "no_matter": no_matter,
}
