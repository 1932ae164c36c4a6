"""How each kind of event is told on the timeline: whom its title names, what stands below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.phone_numbers import mask
from hotline.tickets.timeline_looks import LOOKS
from models import (
    Call,
    CallbackEnd,
    CallbackKind,
    Feedback,
    How,
    Level,
    Outcome,
    Resolution,
    ReturnReason,
    Source,
    TicketEvent,
    Urgency,
)

if TYPE_CHECKING:
    from hotline.tickets.timeline import Facts

NOT_SHOWN = N_("Written by the hotline, not shown: the caller is confidential.")
TO_SIGN = N_("Told, not satisfied: waits for a supervisor's signature")
EXPLAINED = N_("Told, not satisfied")
NOBODY_THERE = N_("Nobody was there to be told")
NAMES = "、"  # between the names of our people
IN_PERSON = N_("Told in person")


@dataclass(frozen=True)
class Line:
    """Something below a title: a label, and a text or a value that the page puts into words."""

    label: str
    text: str = ""
    value: object = None  # an enum, an instant, a date, yes or no
    is_said: bool = False  # words for the caller
    is_hotlines: bool = False  # free text of the hotline: it may name the caller
    is_marked: bool = False  # the text is a sentence of ours, to be translated

    def saying(self, text: str) -> Line:
        return replace(self, text=text)


@dataclass(frozen=True)
class Moved:
    """A due time that has moved, or an urgency that has changed: as it was, and as it is."""

    before: datetime | Urgency
    after: datetime | Urgency


@dataclass(frozen=True)
class MoneyPutRight:
    """An amount of money, in fen, as it was and as it is."""

    before_fen: int
    after_fen: int


MARKS = {
    "emergency": N_("Emergency"),
    "urgency": N_("Urgency"),
    "is_confidential": N_("Confidential"),
    "safe_summary": N_("Text for the department"),
    "is_nameless": N_("No name"),
    "employer_may_know": N_("Whether the employer may know"),
    "consent_to_pass_at": N_("Consent to pass on"),
    "about_department_id": N_("About which department"),
    "about_user_id": N_("About which colleague"),
}
BECAUSE = {
    "handoffs": N_("Handed over so often that a supervisor must look at it."),
    "reworks": N_("Sent back so often that a supervisor must look at it."),
    "not_satisfied": N_("The caller is not satisfied, and not for the first time."),
    "emergency": N_("An emergency."),
    "spoken": N_("Somebody spoke with the caller not long ago: no word of progress is owed."),
    "no_number": N_("There is no number to ring: the word of progress waits for the next call."),
    "end_of_duty": N_("The duty was over, and nobody took over."),
    "disabled": N_("The account was closed."),
    "handed_on": N_("Handed on by who had it until then."),
    "sheet": N_("Taken over with the hand-over sheet."),
    "sheet_early": N_("Taken over with the hand-over sheet, before that duty was over."),
    "lost": N_("It could not be delivered."),
    "no_receipt": N_("No receipt came in time."),
}


LIMITS = {
    "accept": N_("To be accepted by"),
    "handle": N_("To be answered by"),
    "return": N_("The return to be decided by"),
    "extension": N_("The extension to be decided by"),
    "asked_until": N_("The later day that was asked for"),
    CallbackKind.RETURN_CALL.value: N_("To be rung back by"),
    CallbackKind.TELL.value: N_("The caller to be told by"),
    CallbackKind.FOLLOW_UP.value: N_("To be followed up by"),
}


def params_of(event: TicketEvent, facts: Facts) -> dict[str, Any]:
    """What the title of `event` names; the page says it in the reader's language."""
    data = event.data
    params: dict[str, Any] = {
        "with_ticket": data.get("with_ticket", ""),
        "into": data.get("into", ""),
        "round": data.get("round", ""),
    }
    if "department" in data:
        params["department"] = facts.department(data["department"]) or ""
    if event.kind == "open":
        params["source"] = Source(data.get("source", Source.PHONE))
    for name, enum in (("kind", CallbackKind), ("outcome", Outcome), ("end", CallbackEnd)):
        params[name] = _word(enum, data.get("callback_kind" if name == "kind" else name)) or ""
    if event.kind == "assign":
        params["to"] = facts.names.get(data["to"], "")
    return params


def lines_of(event: TicketEvent, facts: Facts) -> list[Line]:
    """What stands below the title of `event`."""
    return LINES.get(event.kind, _reason)(event, facts)


def lines_of_call(call: Call) -> list[Line]:
    """Whom a call rang and when, where that is not told by who answered at once."""
    if len(call.legs) == 1 and call.answered_at is not None:
        return []
    return [Line(N_("Rang at"), leg.user.display_name, leg.rang_at) for leg in call.legs]


def lines_of_feedback(row: Feedback) -> list[Line]:
    """What the caller was told and said."""
    return [
        Line(N_("What was told"), row.told, is_said=True),
        Line(N_("Contacted by the department"), value=row.was_contacted),
        Line(N_("Solved"), value=row.is_solved),
        Line(N_("Satisfaction"), value=row.satisfaction),
        Line(N_("Not satisfied with"), row.dissatisfaction),
    ]


def _reason(event: TicketEvent, facts: Facts) -> list[Line]:
    by_the_hotline = event.kind not in ("ask_hotline", "wait", "ask_return")
    because = BECAUSE.get(str(event.data.get("because", "")), "")
    return [
        Line("", event.reason, is_hotlines=by_the_hotline),
        Line("", because, is_marked=True),
    ]


def _note(event: TicketEvent, facts: Facts) -> list[Line]:
    author = event.actor
    by_the_hotline = not facts.knows_caller and (
        author is None or has(author, Permission.HANDLE_CALLS, Permission.REVIEW)
    )
    return [Line("", event.data.get("text", ""), is_hotlines=by_the_hotline)]


def _mark(event: TicketEvent, facts: Facts) -> list[Line]:
    changed = ["emergency"] if event.data.get("emergency") else event.data.get("changed", [])
    urgency = event.data.get("urgency")
    named = [name for name in changed if name in MARKS and not (name == "urgency" and urgency)]
    lines = [Line("", MARKS[name], is_marked=True) for name in named]
    if urgency:
        lines.append(Line(MARKS["urgency"], value=Moved(*map(Urgency, urgency))))
    return [*lines, *_shifted(event, facts)]


def _going_on(event: TicketEvent, facts: Facts) -> list[Line]:
    return [*_reason(event, facts), *_shifted(event, facts)]


def _hand_off(event: TicketEvent, facts: Facts) -> list[Line]:
    handoff = facts.handoff_of(event)
    lines = [Line(N_("For the department"), event.reason)]
    if handoff is not None:
        heard = handoff.said_at is not None
        said = N_("Said to the caller") if heard else N_("To say, nobody was on the line")
        lines.append(Line(said, handoff.sentence, is_said=True))
        lines.append(Line(N_("To be answered by"), value=handoff.first_due_at))
    return lines


def _for_the_department(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line(N_("For the department"), event.reason)]


def _ask_return(event: TicketEvent, facts: Facts) -> list[Line]:
    better = facts.department(event.data.get("better"))
    return [
        Line(N_("Reason"), value=ReturnReason(event.data["why"])),
        Line(N_("It rests on"), event.reason),
        Line(N_("Better with"), value=better),
    ]


def _ask_extension(event: TicketEvent, facts: Facts) -> list[Line]:
    return [
        Line(N_("Until"), value=_instant(event, "until")),
        Line(N_("Difficulty"), value=_word(Level, event.data.get("level"))),
        Line(N_("Why"), event.reason),
    ]


def _grant_extension(event: TicketEvent, facts: Facts) -> list[Line]:
    return [
        *_moved(event, facts),
        Line(N_("Difficulty"), value=_word(Level, event.data.get("level"))),
        *_for_the_department(event, facts),
    ]


def _said(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line(N_("To say"), event.data.get("words", ""), is_said=True, is_hotlines=True)]


def _answer(event: TicketEvent, facts: Facts) -> list[Line]:
    handoff = facts.handoff_of(event)
    if handoff is None:
        return []
    told, number = handoff.told_caller_at is not None, handoff.told_caller_number
    return [
        Line(N_("To tell the caller"), handoff.answer, is_said=True),
        Line(N_("What was done"), handoff.report),
        Line(N_("Solved"), value=handoff.is_solved),
        Line(N_("Why not"), handoff.why_not_solved),
        Line(N_("The department told the caller"), value=handoff.told_caller_at),
        Line(N_("Told by"), handoff.told_caller_by if told else ""),
        Line(N_("Told on the number"), mask(number) if told and facts.knows_caller else ""),
    ]


def _consult(event: TicketEvent, facts: Facts) -> list[Line]:
    return [
        Line(N_("Whom"), event.data.get("whom", "")),
        Line(N_("Question or answer"), event.data.get("text", ""), is_hotlines=True),
    ]


def _wait(event: TicketEvent, facts: Facts) -> list[Line]:
    lines = [
        Line(N_("What is missing"), event.reason),
        Line(N_("Until"), value=_instant(event, "until")),
    ]
    if event.data.get("has_told"):
        lines.append(Line("", N_("The department has told the caller."), is_marked=True))
    return lines


def _suspend(event: TicketEvent, facts: Facts) -> list[Line]:
    return [
        Line(N_("Why"), event.reason),
        Line(N_("What is done meanwhile"), event.data.get("measures", "")),
        Line(N_("Review on"), value=date.fromisoformat(event.data["review_on"])),
    ]


def _text(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line("", event.data.get("text", ""), is_hotlines=True)]


def _thanks(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line("", event.data.get("text", ""))]


def _money(event: TicketEvent, facts: Facts) -> list[Line]:
    before, after = event.data.get("before", 0), event.data.get("after", 0)
    return [
        Line(N_("Money recovered"), value=MoneyPutRight(before, after)),
        Line("", event.data.get("text", ""), is_hotlines=True),
    ]


def _close(event: TicketEvent, facts: Facts) -> list[Line]:
    row = facts.feedback_of(event)
    said = lines_of_feedback(row) if row else []
    if row and row.is_explanation:  # it stands below, with what the caller said
        said = [Line("", N_("The explanation is signed."), is_marked=True)]
    word = event.data.get("resolution_word")
    how = Line(N_("How the caller learnt it"), value=_word(How, event.data.get("how")))
    if event.data.get("feedback") in facts.told_in_person:
        how = Line(how.label, IN_PERSON, is_marked=True)
    return [
        how,
        Line(N_("How it ended"), value=_word(Resolution, word)),
        *said,
    ]


def _promise(event: TicketEvent, facts: Facts) -> list[Line]:
    callback = facts.callbacks.get(event.data.get("callback", 0))
    words = callback.words if callback else ""
    stands_above = any(handoff.answer == words for handoff in facts.handoffs)
    return [
        Line(N_("Due by"), value=_instant(event, "due_at")),
        Line(N_("To say"), "" if stands_above else words, is_said=True, is_hotlines=True),
    ]


def _send_message(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line("", event.data.get("text", ""), is_said=True, is_hotlines=True)]


def _attempt(event: TicketEvent, facts: Facts) -> list[Line]:
    return [
        Line("", event.data.get("note", ""), is_hotlines=True),
        Line(N_("Next not before"), value=_instant(event, "next_at")),
    ]


def _chase(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line(N_("For the department"), event.reason), _told(event, facts)]


def _reminder(event: TicketEvent, facts: Facts) -> list[Line]:
    return [Line(N_("Due by"), value=_instant(event, "due_at")), _told(event, facts)]


def _told(event: TicketEvent, facts: Facts) -> Line:
    """Who heard of it, by their names."""
    if event.data.get("told") == []:
        return Line(N_("Who heard of it"), NOBODY_THERE, is_marked=True)
    names = [facts.names.get(person, "") for person in event.data.get("told", ())]
    return Line(N_("Who heard of it"), NAMES.join(name for name in names if name))


def _moved(event: TicketEvent, facts: Facts) -> list[Line]:
    return [
        Line(LIMITS[what], value=Moved(datetime.fromisoformat(old), datetime.fromisoformat(new)))
        for what, old, new in event.data.get("moved", [])
    ]


def _shifted(event: TicketEvent, facts: Facts) -> list[Line]:
    """How the limit to answer moved with an event that is about something else."""
    steps = [step for handoff in facts.handoffs for step in handoff.moves]
    return [
        Line(
            LIMITS["handle"],
            value=Moved(*(datetime.fromisoformat(step[name]) for name in ("from", "to"))),
        )
        for step in steps
        if datetime.fromisoformat(step["at"]) == event.at
    ]


def _word(enum: type[StrEnum], value: object) -> StrEnum | None:
    return enum(str(value)) if value else None


def _instant(event: TicketEvent, name: str) -> datetime | None:
    value = event.data.get(name)
    return datetime.fromisoformat(value) if value else None


REMINDERS = [kind for kind in LOOKS if kind.startswith("remind_")]
LINES: dict[str, Callable[[TicketEvent, Facts], list[Line]]] = {
    "note": _note,
    "mark": _mark,
    "hand_off": _hand_off,
    "ask_assist": _for_the_department,
    "rework": _hand_off,
    "refuse_return": _for_the_department,
    "ask_return": _ask_return,
    "ask_extension": _ask_extension,
    "ask_level": _ask_extension,
    "grant_extension": _grant_extension,
    "refuse_extension": _for_the_department,
    "tell_date": _said,
    "untold_date": _said,
    "sign_unreached": _said,
    "answer": _answer,
    "assist_answer": _answer,
    "consult": _consult,
    "wait": _wait,
    "suspend": _suspend,
    "resume": _going_on,
    "end_wait": _going_on,
    "report_back": _text,
    "correct_money": _money,
    "thank": _thanks,
    "close": _close,
    "withdraw": _close,
    "merge": _close,
    "promise": _promise,
    "attempt": _attempt,
    "send_message": _send_message,
    "new_calendar": _moved,
    "unsupervised": lambda event, facts: [_told(event, facts)],
    "chase": _chase,
    **dict.fromkeys(REMINDERS, _reminder),
}
