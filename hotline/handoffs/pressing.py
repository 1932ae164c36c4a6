"""What presses a department: chasers (催办), counted and sent on; supervision by hand (督办)."""

from datetime import datetime

from hotline.errors import TransitionRefused
from hotline.handoffs import people, queries
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.sla import policies
from hotline.tickets import service as tickets
from hotline.tickets import supervision
from models import Handoff, Ticket, User

CHASED = N_("Chased, time %(count)d: %(number)s.")
ASKED_AGAIN = N_("The caller has asked again, time %(count)d: %(number)s.")


def chase(ticket: Ticket, *, actor: User, at: datetime, words: str = "") -> None:
    """One of us asks the department again (热线催办), with `words` for it, if any.

    Raises TransitionRefused when no department holds `ticket`.
    """
    if ticket.department_id is None:
        raise TransitionRefused(N_("No department holds this ticket now."))
    _press(ticket, CHASED, actor=actor, at=at, by_hotline=True, words=words)


def caller_asks_again(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """The caller has rung about `ticket` again (来电人催办): counted wherever it is."""
    _press(ticket, ASKED_AGAIN, actor=actor, at=at, by_hotline=False)


def to_be_chased(ticket: Ticket, at: datetime) -> list[User]:
    """Who hears of the next chaser: who works on it, and from the second on the head too."""
    handoff = queries.lead_of(ticket) if ticket.department_id is not None else None
    if handoff is None:
        return []
    whom = people.handler_of(handoff)
    if ticket.chased_count + 1 >= policies.get("chased_head_from"):
        whom = whom + (people.heads_of(handoff.department) or recipients.supervisors_of(ticket, at))
    return list({person.id: person for person in whom}.values())


def supervise(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """Put `ticket` under supervision; its department hears of it. Raises TransitionRefused."""
    supervision.supervise(ticket, actor=actor, at=at, reason=reason)
    _tell_department(ticket, N_("Supervised by the hotline now: %(number)s."), actor=actor, at=at)


def lift(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """End the supervision of `ticket`; its department hears of it. Raises TransitionRefused."""
    supervision.lift(ticket, actor=actor, at=at, reason=reason)
    _tell_department(ticket, N_("No longer supervised: %(number)s."), actor=actor, at=at)


def _press(
    ticket: Ticket, sentence: str, *, actor: User, at: datetime, by_hotline: bool, words: str = ""
) -> None:
    whom = [person for person in to_be_chased(ticket, at) if person.id != actor.id]
    tickets.count_chaser(
        ticket,
        actor=actor,
        at=at,
        by_hotline=by_hotline,
        words=words,
        told=[person.id for person in whom],
    )
    people.tell(
        whom,
        sentence,
        ticket,
        at=at,
        key=f"ticket_chased:{ticket.id}:{ticket.chased_count}",
        count=ticket.chased_count,
    )


def _tell_department(ticket: Ticket, sentence: str, *, actor: User, at: datetime) -> None:
    handoff: Handoff | None = queries.lead_of(ticket)
    if handoff is None:
        return
    whom = people.handler_of(handoff) + people.heads_of(handoff.department)
    people.tell(
        list({person.id: person for person in whom}.values()),
        sentence,
        ticket,
        at=at,
        key=f"ticket_supervised:{ticket.id}:{at:%Y%m%d%H%M%S}",
        actor=actor,
    )
