"""More time for a department (延期): asked for before the limit, once; a supervisor decides.

A later day or a higher level of difficulty is asked for, each once per passage; who assists asks
for a later day of its own, and only the date of who leads is told to the caller. While nobody has
decided the clock runs; granted after the limit, it was never late.
"""

from datetime import datetime
from typing import Any

from hotline import access
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import clocks, new_dates, people, queries
from hotline.handoffs.handing_off import lead
from hotline.handoffs.moves import Why
from hotline.handoffs.queue_rows import Passage
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients
from hotline.sla import deadlines
from hotline.tickets import levels, lifecycle
from hotline.tickets.lifecycle import Action
from models import Extension, Handoff, HandoffRole, Level, Ticket, User, db

TOO_FAR = N_("Choose a day after the present limit, and no later than allowed.")
NO_MORE = N_("This level gives no more time: ask for a later day.")


def ask_extension(
    ticket: Ticket,
    *,
    actor: User,
    at: datetime,
    until: datetime,
    reason: str,
    handoff: Handoff | None = None,
) -> Extension:
    """Ask for a later limit to answer of `handoff`, which is the lead's unless it is named. The
    clock runs on until a supervisor decides.

    Raises Forbidden for the passage of another department; TransitionRefused after the limit, while
    the clock stands still, the second time, and while something is undecided; Invalid when `until`
    lies outside what the policy allows.
    """
    handoff = handoff or lead(ticket)
    if handoff.department_id not in access.departments_of(actor):
        raise Forbidden
    _check_may_ask(handoff, at, for_a_level=False)
    if not handoff.handle_due_at < until <= latest(handoff):
        raise Invalid(TOO_FAR, field="until")
    return _ask(ticket, handoff, Action.ASK_EXTENSION, actor, at, reason, until=until)


def ask_level(ticket: Ticket, *, actor: User, at: datetime, level: Level, reason: str) -> Extension:
    """Ask for a higher level of difficulty, with its longer limit from the hand-off on.

    Raises TransitionRefused as `ask_extension` does and in a rework, whose limit no level changes;
    Invalid when `level` is no higher or gives no more time.
    """
    handoff = lead(ticket)
    _check_may_ask(handoff, at, for_a_level=True)
    if not levels.is_higher(level, ticket.level):
        raise Invalid(N_("Choose a higher level than it has."), field="level")
    if _due_with(handoff, ticket, level) <= handoff.handle_due_at:
        raise Invalid(NO_MORE, field="level")
    return _ask(ticket, handoff, Action.ASK_LEVEL, actor, at, reason, level=level)


def grant_extension(
    ticket: Ticket,
    *,
    actor: User,
    at: datetime,
    until: datetime | None = None,
    reason: str = "",
    handoff: Handoff | None = None,
) -> Extension:
    """Grant what was asked for in `handoff` (the lead's unless it is named), or another day
    `until`. The caller is told the new date of who leads; of who assists the lead hears it.

    The old limit counts no more, even if it has passed meanwhile. Raises Forbidden for who asked,
    Invalid when the new limit is past as well, or `until` lies outside what the policy allows.
    """
    handoff, asked = _to_decide(handoff or lead(ticket), actor)
    before, to = handoff.handle_due_at, _new_limit(handoff, ticket, asked, until)
    if to <= at:
        raise Invalid(N_("That day is over as well: choose a later one, or refuse."), field="until")
    lifecycle.apply(
        ticket,
        Action.GRANT_EXTENSION,
        actor=actor,
        at=at,
        reason=reason,
        department=handoff.department_id,
        extension=asked.id,
        level=asked.level.value if asked.level else None,
        moved=[["handle", before.isoformat(), to.isoformat()]],
    )
    why = Why.EXTENSION if asked.level is None else Why.LEVEL
    ticket.level = asked.level or ticket.level
    clocks.extend(handoff, to, why, at=at, extension=asked.id)
    _decide(asked, actor, at, is_granted=True)
    asked.from_due_at, asked.to_due_at = before, to
    if handoff.role is HandoffRole.LEAD:
        new_dates.owe(ticket, handoff, at=at)
    else:
        _tell_lead(asked, at, due=to)
    _tell_department(N_("More time was granted: %(number)s, now due %(due)s."), asked, at, due=to)
    return asked


def refuse_extension(
    ticket: Ticket, *, actor: User, at: datetime, reason: str, handoff: Handoff | None = None
) -> Extension:
    """Refuse it: the limit stays what it was, and this may not be asked for again."""
    handoff, asked = _to_decide(handoff or lead(ticket), actor)
    lifecycle.apply(
        ticket,
        Action.REFUSE_EXTENSION,
        actor=actor,
        at=at,
        reason=reason,
        department=handoff.department_id,
        extension=asked.id,
    )
    _decide(asked, actor, at, is_granted=False)
    _tell_department(N_("No more time was granted: %(number)s."), asked, at)
    return asked


def undecided(handoff: Passage) -> Extension | None:
    """What the department of a running `handoff` has asked for and nobody has decided."""
    if handoff.ended_at is not None:
        return None
    return next((one for one in handoff.extensions if one.decided_at is None), None)


def latest(handoff: Handoff) -> datetime:
    """The latest day, at its close, to which the limit of `handoff` may be extended."""
    limit, due_at = clocks.limit_of(handoff), handoff.handle_due_at
    return deadlines.extended_until_max(due_at, limit, handoff.department)


def may_ask(handoff: Passage, at: datetime, *, for_a_level: bool = False) -> bool:
    """Whether the department may ask for more time at `at`."""
    try:
        _check_may_ask(handoff, at, for_a_level=for_a_level)
    except TransitionRefused:
        return False
    return True


def _check_may_ask(handoff: Passage, at: datetime, *, for_a_level: bool) -> None:
    if handoff.ended_at is not None:
        raise TransitionRefused(N_("The department has it no longer."))
    if undecided(handoff) is not None:
        raise TransitionRefused(N_("More time was asked for already: a supervisor decides."))
    if any((one.level is not None) is for_a_level for one in handoff.extensions):
        raise TransitionRefused(N_("This was asked for once already, and that is all."))
    if for_a_level and handoff.round > 1:
        raise TransitionRefused(N_("A rework has a limit of its own: ask for a later day."))
    if handoff.paused_at is not None:
        raise TransitionRefused(N_("The clock stands still: ask when it runs again."))
    if at > handoff.handle_due_at:
        raise TransitionRefused(N_("The limit is over: more time is asked for before it."))


def _ask(
    ticket: Ticket,
    handoff: Handoff,
    action: Action,
    actor: User,
    at: datetime,
    reason: str,
    *,
    until: datetime | None = None,
    level: Level | None = None,
) -> Extension:
    lifecycle.apply(
        ticket,
        action,
        actor=actor,
        at=at,
        reason=reason,
        department=handoff.department_id,
        until=until.isoformat() if until else None,
        level=level.value if level else None,
    )
    asked = Extension(
        handoff=handoff,
        asked_at=at,
        asked_by_id=actor.id,
        reason=reason.strip(),
        until_at=until,
        level=level,
        due_at=min(deadlines.decide_return_due(at), handoff.handle_due_at),
    )
    db.session.add(asked)
    db.session.flush()
    sentence = N_("A department asks for more time for %(number)s: please decide.")
    key = f"extension_asked:{asked.id}"
    people.tell(
        recipients.supervisors_of(ticket, at), sentence, ticket, at=at, key=key, actor=actor
    )
    people.tell(people.heads_of(handoff.department), sentence, ticket, at=at, key=key, actor=actor)
    live_updates.post("supervisors", "ticket", at, ticket=ticket.id)
    return asked


def _to_decide(handoff: Handoff, actor: User) -> tuple[Handoff, Extension]:
    asked = undecided(handoff)
    if asked is None:
        raise TransitionRefused(N_("Nobody asks for more time."))
    if asked.asked_by_id == actor.id:
        raise Forbidden(N_("Nobody decides what they asked for themselves."))
    return handoff, asked


def _new_limit(
    handoff: Handoff, ticket: Ticket, asked: Extension, until: datetime | None
) -> datetime:
    if asked.level is not None:
        later = _due_with(handoff, ticket, asked.level)
        if later <= handoff.handle_due_at:  # it was asked for before the matter became urgent
            raise TransitionRefused(NO_MORE)
        return later
    to = until or asked.until_at
    if to is None or not handoff.handle_due_at < to <= latest(handoff):
        raise Invalid(TOO_FAR, field="until")
    return to


def _due_with(handoff: Handoff, ticket: Ticket, level: Level) -> datetime:
    return clocks.usual_due(handoff, level, ticket.urgency)


def _decide(asked: Extension, actor: User, at: datetime, *, is_granted: bool) -> None:
    asked.decided_at, asked.decided_by_id, asked.is_granted = at, actor.id, is_granted


def _tell_department(sentence: str, asked: Extension, at: datetime, **params: Any) -> None:
    people.tell(
        people.staff_of(asked.handoff.department),
        sentence,
        asked.handoff.ticket,
        at=at,
        key=f"extension_decided:{asked.id}",
        **params,
    )


def _tell_lead(asked: Extension, at: datetime, **params: Any) -> None:
    """Who leads waits for what the assisting department finds."""
    leading = queries.lead_of(asked.handoff.ticket)
    if leading is not None:
        people.tell(
            people.handler_of(leading),
            N_("%(department)s, which assists, has until %(due)s now: %(number)s."),
            asked.handoff.ticket,
            at=at,
            key=f"assist_extended:{asked.id}",
            department=asked.handoff.department,
            **params,
        )
