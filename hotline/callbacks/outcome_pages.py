"""What follows from one ring, composed in one unit of work, and the sentence for the next page."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from hotline.callbacks import attempts, forms, service
from hotline.callbacks import card_pages as card
from hotline.callbacks.forms import Ring
from hotline.calls import outgoing, placed
from hotline.drafts import service as drafts
from hotline.errors import Invalid
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.i18n import N_
from hotline.refusals import Refusals
from hotline.rhythm import gratitude
from hotline.template_filters import local_datetime
from hotline.tickets import supervision
from models import (
    Call,
    Callback,
    CallbackAttempt,
    CallbackKind,
    Outcome,
    TicketStatus,
    User,
)


@dataclass(frozen=True)
class Done:
    """The sentence for the next page, and where there is more to do: a ticket, this very card."""

    sentence: str
    opens_ticket_id: int | None = None
    stays: bool = False


def record(callback: Callback, ring: Ring, *, actor: User, at: datetime) -> Done:
    """Write down the attempt and do what the answer of the caller asks for."""
    drafts.discard(actor, card.draft_key(callback))
    closes, number = card.may_close(callback), _number(callback, ring, actor)
    by_message = ring.outcome is Outcome.BY_MESSAGE
    spoke = ring.outcome in attempts.CONNECTED or by_message
    call = _conversation(callback, number, actor, at) if spoke else None
    attempt = service.record_attempt(
        callback,
        ring.outcome,
        actor=actor,
        at=at,
        note=ring.note,
        number=number,
        later=ring.later,
        call=call,
    )
    if not spoke:
        return Done(_next_try(callback, at))
    if by_message:
        _choose_message(callback, number, call, actor=actor, at=at)
        return Done(_("Written down. Read the message, then send it."), stays=True)
    gratitude.write(callback.ticket, ring.thanks, actor=actor, at=at, attempt=attempt)
    if callback.kind is CallbackKind.RETURN_CALL:
        service.settle_number(number, at=at)
    if not closes or ring.then == forms.WRITE_UP:
        return _go_on(callback)
    return Done(_told(callback, attempt, ring, actor=actor, at=at))


def _conversation(callback: Callback, number: str, actor: User, at: datetime) -> Call:
    """The call that the company placed and connected; else one on any telephone."""
    talked = placed.conversation(callback, number, actor=actor)
    return talked or outgoing.log(callback.ticket, number, actor=actor, at=at)


def _number(callback: Callback, ring: Ring, actor: User) -> str:
    """The number that was rung. Raises Invalid for one that is not the caller's."""
    if ring.number and ring.number not in attempts.numbers_for(actor, callback):
        raise Invalid(N_("Choose one of the caller's numbers."), field="number")
    return ring.number or callback.number


def _choose_message(
    callback: Callback, number: str, call: Call | None, *, actor: User, at: datetime
) -> None:
    """The caller rather reads the result. Raises Invalid where that cannot be."""
    if not card.may_choose_message(callback, actor):
        raise Invalid(N_("This caller cannot be told by short message."), field="outcome")
    if number != callback.ticket.callback_number:
        sentence = N_("Write this number on the ticket first: the message goes to that one.")
        raise Invalid(sentence, field="number")
    service.choose(callback.ticket, actor=actor, at=at, call=call)


def _check_asked(ring: Ring) -> None:
    """Refuse to leave out a question of the follow-up, unless the caller wanted none."""
    verdict = ring.verdict
    with Refusals() as wrong:
        if verdict.was_contacted is None and ring.outcome is not Outcome.DECLINED_SURVEY:
            sentence = N_("Ask whether the department has contacted the caller.")
            wrong.refuse(sentence, field="was_contacted")
        if verdict.is_solved is None and ring.outcome is not Outcome.DECLINED_SURVEY:
            wrong.refuse(N_("Ask whether it is solved."), field="is_solved")
        if verdict.satisfaction is None:
            wrong.refuse(N_("Ask whether the caller is satisfied."), field="satisfaction")
        if ring.is_dissatisfied and not verdict.dissatisfaction.strip():
            sentence = N_("Write what the caller is not satisfied with.")
            wrong.refuse(sentence, field="dissatisfaction")


def _told(
    callback: Callback, attempt: CallbackAttempt, ring: Ring, *, actor: User, at: datetime
) -> str:
    """The caller knows the result: closed, worked on again, or explained and to be signed."""
    ticket = callback.ticket
    if ticket.status is TicketStatus.ANSWERED:
        _check_asked(ring)
    if ring.is_dissatisfied and ring.then == forms.EXPLAIN:
        feedback.explain(ticket, attempt, actor=actor, at=at, told=ring.told, verdict=ring.verdict)
        return _("A supervisor will sign the explanation of %(number)s.", number=ticket.number)
    if ring.is_dissatisfied:
        supervision.count_dissatisfied(ticket, at=at)
        handoffs.rework(ticket, actor=actor, at=at, reason=ring.verdict.dissatisfaction)
        return _("The department works on %(number)s again.", number=ticket.number)
    if ring.resolution is None:
        raise Invalid(N_("Say how the matter ended."), field="resolution")
    feedback.close_in_call(
        ticket,
        attempt,
        actor=actor,
        at=at,
        told=ring.told,
        resolution=ring.resolution,
        verdict=ring.verdict,
    )
    return _("Told and closed: %(number)s.", number=ticket.number)


def _go_on(callback: Callback) -> Done:
    """The caller was reached, the ticket goes on: in its form while the hotline has it."""
    ticket = callback.ticket
    if ticket.status is TicketStatus.OPEN:
        return Done(_("Reached. Write down what the caller said."), ticket.id)
    return Done(_("The caller has been told. The ticket goes on."))


def _next_try(callback: Callback, at: datetime) -> str:
    if callback.exhausted_at is not None:
        return _("Everything was tried: a supervisor decides and signs.")
    moment = local_datetime(callback.not_before_at, at)
    if callback.attempts and callback.attempts[-1].outcome is Outcome.LATER:
        return _("Agreed: we ring again %(moment)s.", moment=moment)
    return _("Written down. Next try: %(moment)s.", moment=moment)
