"""The forms of the ticket page that pass it on: hand off, return, answer, wait, suspend."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from hotline import access, clock, fields
from hotline.calendars import queries as calendars
from hotline.departments import queries as departments
from hotline.errors import TransitionRefused
from hotline.fields import YES_NO, Typed
from hotline.handoffs import people, queries, service
from hotline.handoffs.pauses import NO_MEASURES, NOTHING_MISSING
from hotline.handoffs.returns import NO_BASIS
from hotline.handoffs.service import Answer
from hotline.i18n import N_
from hotline.refusals import Refusals, given
from hotline.sla import deadlines
from hotline.tickets import forms, levels
from hotline.tickets.forms import Verb
from hotline.tickets.lifecycle import Action
from hotline.wall_clock import zone
from models import Handoff, HandoffRole, Level, ReturnReason, Ticket, User


def _hand_off(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    with Refusals() as wrong:
        to = wrong.read(forms.department, typed)
        how_difficult = N_("Say how difficult it is.")
        level = wrong.read(fields.one_of, Level, typed, "level", how_difficult)
    service.hand_off(ticket, to, actor=actor, at=at, note=typed.get("note", ""), level=level)


def _hand_off_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {
        "departments": forms.department_options(ticket),
        "deserted": people.deserted(),
        "levels": forms.words_of(levels.offered(viewer, ticket)),
    }


def _hand_off_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    last = queries.last_lead_of(ticket)
    better = last.return_better_department_id if last else None
    usual = ticket.category.lead_department_id if ticket.category else None
    likely = next((one for one in (better, usual) if one and one not in people.deserted()), "")
    return {"department": likely, "level": ticket.level.value}


def words_before(ticket: Ticket, typed: Typed, at: datetime) -> str:
    """The sentence for the caller, as far as department and level are chosen; else empty."""
    department = departments.by_id(str(typed.get("department") or ""))
    level = typed.get("level", "")
    if department is None or level not in set(Level) or not people.staff_of(department):
        return ""
    due = deadlines.handle_due(at, department, Level(level), ticket.urgency)
    return service.sentence_for(ticket, department, due)


def _recall(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    service.recall(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _ask_assist(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    department = forms.department(typed)
    service.ask_assist(ticket, department, actor=actor, at=at, note=typed.get("note", ""))


def _departments(ticket: Ticket, viewer: User) -> dict[str, Any]:
    others = forms.department_options(ticket)
    return {
        "departments": [one for one in others if one[0] != ticket.department_id],
        "deserted": people.deserted(),
    }


def _ask_return(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    one_of_two = N_("Choose one of the two reasons.")
    with Refusals() as wrong:
        why = wrong.read(fields.one_of, ReturnReason, typed, "why", one_of_two)
        basis = wrong.read(given, typed.get("basis", "").strip(), NO_BASIS, "basis")
        better = wrong.read(forms.department, typed, "better") if typed.get("better") else None
    service.ask_return(ticket, actor=actor, at=at, reason=why, basis=basis, better=better)


def _return_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {**_departments(ticket, viewer), "ReturnReason": ReturnReason}


def _refuse_return(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    service.refuse_return(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _send_back(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    service.agree_return(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _ask_hotline(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    service.ask_hotline(ticket, actor=actor, at=at, question=typed.get("reason", ""))


def _wait(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    with Refusals() as wrong:
        on = wrong.read(fields.day, typed, "until")
        what = wrong.read(fields.short, typed, "what", 500)
        wrong.read(given, typed.get("what", "").strip(), NOTHING_MISSING, "what")
    closes = [end for _, end in calendars.calendar_for(ticket.department).open_intervals(on)]
    end_of_day = datetime.combine(on, time(), zone()) + timedelta(days=1)
    until = closes[-1] if closes else end_of_day.astimezone(UTC)
    service.wait(
        ticket,
        actor=actor,
        at=at,
        what=what,
        until=until,
        has_told=bool(typed.get("has_told")),
    )


def _wait_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    latest = deadlines.waiting_until_max(clock.now(), ticket.department)
    return {
        "latest": latest.astimezone(zone()).date().isoformat(),
        "knows_caller": access.may_know_caller(viewer, ticket),
    }


def _wait_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {"until": _wait_choices(ticket, viewer)["latest"]}


def _answer(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    with Refusals() as wrong:
        what = Answer(
            is_solved=YES_NO.get(typed.get("is_solved", "")),
            report=typed.get("report", ""),
            words=typed.get("words", ""),
            why_not_solved=typed.get("why_not_solved", ""),
            told_at=wrong.read(_told_at, typed),
            told_number=typed.get("told_number", ""),
            told_by=wrong.read(fields.short, typed, "told_by", 64) or "",
            money_recovered_fen=wrong.read(fields.fen, typed, "money") or 0,
        )
        wrong.read(service.check_answer, ticket, what, actor=actor, at=at)
    service.answer(ticket, what, actor=actor, at=at)


def _told_at(typed: Typed) -> datetime | None:
    """When the department told the caller; None if it did not. Raises Invalid."""
    if not typed.get("has_told"):
        return None
    return given(fields.instant(typed, "told_at"), N_("Write the day and the time."), "told_at")


def _answer_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {
        "assists": queries.assists_of(ticket),
        "knows_caller": access.may_know_caller(viewer, ticket),
        "has_number": bool(ticket.callback_number),
    }


def _answer_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {"told_by": viewer.display_name}


def _assist_answer(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoff = access.live_handoff(ticket, actor, HandoffRole.ASSIST)
    if handoff is None:
        raise TransitionRefused(N_("This help is not asked for any more."))
    service.assist_answer(handoff, typed.get("text", ""), actor=actor, at=at)


def _rework(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> Handoff:
    return service.rework(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _suspend(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    with Refusals() as wrong:
        reason = wrong.read(given, typed.get("reason", "").strip(), N_("Say why."), "reason")
        measures = wrong.read(given, typed.get("measures", "").strip(), NO_MEASURES, "measures")
        review_on = wrong.read(fields.day, typed, "review_on")
    service.suspend(
        ticket, actor=actor, at=at, reason=reason, measures=measures, review_on=review_on
    )


def _resume(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    service.resume(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


VERBS = {
    Action.HAND_OFF: Verb(
        _hand_off,
        N_("Handed off: say the sentence to the caller."),
        "hand_off",
        _hand_off_choices,
        _hand_off_shown,
    ),
    Action.ACCEPT: Verb(
        lambda t, _, who, at: service.accept(t, actor=who, at=at),
        N_("Accepted: the ticket is yours."),
    ),
    Action.ASK_RETURN: Verb(
        _ask_return,
        N_("Asked: until the hotline decides, the ticket stays with you."),
        "ask_return",
        _return_choices,
    ),
    Action.SEND_BACK: Verb(_send_back, N_("Returned: the hotline has it again."), "send_back"),
    Action.REFUSE_RETURN: Verb(_refuse_return, N_("Refused: the department keeps it."), "reason"),
    Action.RECALL: Verb(_recall, N_("Taken back: it is yours."), "reason"),
    Action.ASK_ASSIST: Verb(_ask_assist, N_("Asked for assistance."), "ask_assist", _departments),
    Action.ASK_HOTLINE: Verb(_ask_hotline, N_("Your question is at the hotline."), "ask_hotline"),
    Action.WAIT: Verb(
        _wait, N_("The clock stands still until then."), "wait", _wait_choices, _wait_shown
    ),
    Action.END_WAIT: Verb(
        lambda t, _, who, at: service.end_wait(t, actor=who, at=at), N_("The clock runs again.")
    ),
    Action.ANSWER: Verb(
        _answer, N_("Answered: the caller is told next."), "answer", _answer_choices, _answer_shown
    ),
    Action.ASSIST_ANSWER: Verb(_assist_answer, N_("Answered: the lead has it."), "assist_answer"),
    Action.REWORK: Verb(_rework, N_("Sent back to the department."), "reason"),
    Action.SUSPEND: Verb(_suspend, N_("Suspended: the caller is to be told."), "suspend"),
    Action.RESUME: Verb(_resume, N_("Taken up again.")),
}
