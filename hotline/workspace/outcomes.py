"""How a contact ends, one function each: several services composed in one unit of work.

Every outcome first writes down what the form says. Each returns the sentence for the next page.
Everything that is wrong with the form is refused at once (hotline.refusals).
"""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from flask_babel import gettext as _

from hotline.callbacks import emergency
from hotline.callbacks import service as callbacks
from hotline.callbacks.windows import WINDOWS
from hotline.calls import seats
from hotline.calls import service as calls
from hotline.drafts import service as drafts
from hotline.errors import Invalid, TransitionRefused
from hotline.feedback import service as feedback
from hotline.fields import Typed, check_lengths, one_of_or_none, short
from hotline.handoffs import service as handoffs
from hotline.i18n import N_
from hotline.outbox import adapter
from hotline.refusals import Refusals, given
from hotline.template_filters import span_in_words
from hotline.tickets import lifecycle
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from hotline.tickets.service import Description
from hotline.workspace import forms, queries
from models import Call, Callback, CallbackKind, Level, NoMatterKind, Resolution, Ticket, User

Outcome = Callable[..., str]


def draft_key(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}"


def _write_down(
    ticket: Ticket, what: Description, typed: Typed, *, actor: User, at: datetime
) -> None:
    """Describe `ticket`, and record how the caller wants to be told. Raises Invalid."""
    tickets.describe(ticket, what, actor=actor, at=at)
    if not adapter.proves_messages():
        return  # the form does not offer it, so it says nothing about it
    if "by_message" in typed:
        call = queries.where_the_caller_spoke(ticket)
        callbacks.choose(ticket, actor=actor, at=at, call=call)
    else:
        callbacks.end_choice(ticket, actor=actor, at=at)


def save(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """Write it down; the ticket stays open with whoever has it."""
    _write_down(ticket, forms.description(typed), typed, actor=actor, at=at)
    return _("Saved. The ticket stays with you.")


def answer(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """Answered in the call itself: told, closed, next."""
    with Refusals() as wrong:
        what = wrong.read(forms.description, typed)
        told = wrong.read(
            given, typed.get("answer", "").strip(), N_("Write what you told the caller."), "answer"
        )
        call = wrong.read(_conversation, ticket)
    tickets.describe(ticket, what, actor=actor, at=at)
    feedback.close_in_call(
        ticket, call, actor=actor, at=at, told=told, resolution=Resolution.ANSWERED_DIRECTLY
    )
    return _("Told and closed: %(number)s.", number=ticket.number)


def _conversation(ticket: Ticket) -> Call:
    call = queries.conversation_about(ticket)
    if call is None:
        raise TransitionRefused(
            N_("Nobody has spoken with the caller yet: promise a callback instead."), field="answer"
        )
    return call


def hand_off(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """To the department, with the sentence that the caller is told now."""
    with Refusals() as wrong:
        what = wrong.read(forms.description, typed)
        chosen = wrong.read(forms.department, typed)
        department = wrong.read(given, chosen, N_("Choose the department."), "department")
        note = wrong.read(short, typed, "handoff_note", 500)
    _write_down(ticket, what, typed, actor=actor, at=at)
    handoff = handoffs.hand_off(
        ticket,
        department,
        actor=actor,
        at=at,
        note=note,
        level=one_of_or_none(Level, typed, "level"),
    )
    return _("Handed off. To the caller: %(words)s", words=handoff.sentence)


def call_back_later(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """We ring again in the caller's time: to tell what we find out, or only to talk then."""
    is_complete = forms.is_complete(typed)
    with Refusals() as wrong:
        what = wrong.read(forms.description, typed) if is_complete else None
        number = wrong.read(forms.callback_number, typed)
        wrong.read(_check_number, ticket, typed)
        window = wrong.read(_window, typed)
        wrong.read(check_lengths, typed)
    words = typed.get("callback_words", "")
    if what is not None:
        _write_down(ticket, what, typed, actor=actor, at=at)
    else:
        tickets.note_number(ticket, number or "", actor=actor, at=at)
        drafts.save(actor, draft_key(ticket), typed, at=at)
    promised = callbacks.promise(
        ticket, CallbackKind.TELL, at=at, owner=actor, words=words, window=window
    )
    callback = cast("Callback", promised)  # there is a number
    when = span_in_words(callback.not_before_at, callback.due_at)
    if is_complete:
        return _("The callback is promised: %(when)s.", when=when)
    return _(
        "The callback is promised: %(when)s. The ticket stays on your list, not written down yet.",
        when=when,
    )


def _check_number(ticket: Ticket, typed: Typed) -> None:
    """Raise Invalid unless there is a number to ring: the one typed, else the one known."""
    field = "number" if "number" in typed else "other_number"
    number = forms.number_of(typed, ticket)
    given(number, N_("There is no number to ring: write one down."), field)


def _window(typed: Typed) -> str:
    window = typed.get("window", "")
    if window and window not in WINDOWS:
        raise Invalid(N_("Choose one of the list."), field="window")
    return window


def no_matter(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """A wrong number, silence, an advert, a nuisance, a test: nothing to write down."""
    kind = one_of_or_none(NoMatterKind, typed, "no_matter")
    call = queries.conversation_about(ticket)
    if kind is None or call is None:
        raise TransitionRefused(N_("This can only be said of a call that somebody answered."))
    feedback.close_no_matter(ticket, call, kind, actor=actor, at=at)
    return _("Closed: no matter.")


def keep(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """Nobody can be rung: kept for the caller's next call. Only what was begun is written down."""
    if typed.get("question", "").strip():
        tickets.describe(ticket, forms.description(typed), actor=actor, at=at)
    feedback.keep(ticket, actor=actor, at=at)
    return _("Kept under query code %(code)s until the caller rings again.", code=ticket.query_code)


def put_aside(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """An emergency is written up as far as it is: nothing is required, nothing typed is lost."""
    if forms.is_complete(typed):
        tickets.describe(ticket, forms.description(typed), actor=actor, at=at)
        drafts.discard(actor, draft_key(ticket))
        seats.write_up(actor, ticket, at=at)
        return _("Saved. The ticket stays with you.")
    drafts.save(actor, draft_key(ticket), typed, at=at)
    seats.write_up(actor, ticket, at=at)
    return _("What you typed is kept as your draft of %(number)s.", number=ticket.number)


def same_matter(ticket: Ticket, other: Ticket, *, actor: User, at: datetime) -> str:
    """The call is about `other`, an unclosed ticket of the same caller; the empty one goes into it.

    Nobody's ticket is then whose call it is.
    """
    call = queries.conversation_about(ticket)
    if call is None:
        raise TransitionRefused(N_("This can only be said of a call that somebody answered."))
    emptied = calls.point_to(call, other, actor=actor, at=at)
    handoffs.caller_asks_again(other, actor=actor, at=at)
    feedback.merge(emptied, other, actor=actor, at=at)
    if other.owner_id is None and lifecycle.may(Action.CLAIM, other, actor):
        tickets.claim(other, actor=actor, at=at)
    return _("The call belongs to %(number)s now.", number=other.number)


def raise_alarm(ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> None:
    """Danger: no field is required, the shift leader hears of it; what was typed is kept."""
    emergency.raise_alarm(ticket, actor=actor, at=at)
    fields = dict(typed) | {"urgency": ticket.urgency.value}
    drafts.save(actor, draft_key(ticket), fields, at=at)
    seats.note_outcome(actor, ticket, at=at)


def choose(outcome: str, ticket: Ticket, typed: Typed, *, actor: User, at: datetime) -> str:
    """End the contact with one of OUTCOMES: the draft goes, and the form from the own seat."""
    drafts.discard(actor, draft_key(ticket))
    sentence = OUTCOMES[outcome](ticket, typed, actor=actor, at=at)
    seats.write_up(actor, ticket, at=at)
    return sentence


OUTCOMES: dict[str, Outcome] = {
    "save": save,
    "answer": answer,
    "hand_off": hand_off,
    "call_back_later": call_back_later,
    "no_matter": no_matter,
    "keep": keep,
}
