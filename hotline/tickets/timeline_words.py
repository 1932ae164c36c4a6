"""How each kind of event is told on the timeline: its title, its icon, and what stands below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.phone_numbers import mask
from models import (
    AT_THE_COUNTER,
    BY_TELEPHONE,
    Call,
    CallbackEnd,
    CallbackKind,
    CallResult,
    Direction,
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
class Look:
    title: str
    icon: str
    tone: str = "plain"
    is_small: bool = False


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


LATE = "alert-triangle"
# fmt: off
LOOKS = {
    "open": Look(N_("Came in: %(source)s"), "plus", "brandy"),
    "describe": Look(N_("Written down"), "pencil", is_small=True),
    "claim": Look(N_("Claimed"), "user", is_small=True),
    "assign": Look(N_("Given to %(to)s"), "user-plus"),
    "release": Look(N_("Put back into the pool"), "inbox", is_small=True),
    "note": Look(N_("Note"), "note"),
    "mark": Look(N_("Marks changed"), "flag", is_small=True),
    "take_emergency": Look(N_("The emergency was taken on"), "phone-calling", "bad"),
    "supervise": Look(N_("Put under supervision"), "flag", "bad"),
    "raise": Look(N_("Raised to the supervisors"), "flag", "bad"),
    "lift": Look(N_("No longer under supervision"), "flag"),
    "chase": Look(N_("The caller asked again"), "alarm", "warn"),
    "link": Look(N_("Linked with %(with_ticket)s"), "link"),
    "hand_off": Look(N_("Handed off to %(department)s"), "send", "info"),
    "ask_assist": Look(N_("%(department)s was asked to assist"), "users", "info"),
    "accept": Look(N_("Accepted by %(department)s"), "check", "brandy"),
    "ask_return": Look(N_("%(department)s asks to return it"), "corner-up-left", "warn"),
    "refuse_return": Look(N_("The return was refused"), "x", "warn"),
    "ask_extension": Look(N_("%(department)s asks for more time"), "calendar-event", "warn"),
    "ask_level": Look(N_("%(department)s asks for a higher level"), "calendar-event", "warn"),
    "grant_extension": Look(N_("More time was granted"), "calendar-event", "warn"),
    "refuse_extension": Look(N_("More time was refused"), "x", "warn"),
    "tell_date": Look(N_("The caller was told the new date"), "phone-check", "good"),
    "untold_date": Look(N_("No number: the new date waits for the next call"), "hourglass", "warn"),
    "send_back": Look(N_("Returned by %(department)s"), "corner-up-left", "warn"),
    "recall": Look(N_("Taken back from %(department)s"), "arrow-back-up", "warn"),
    "ask_hotline": Look(N_("Question to the hotline"), "message", "info"),
    "consult": Look(N_("Specialist consulted"), "users", "info"),
    "keep": Look(N_("No number to ring: kept for the caller's next call"), "hourglass", "info"),
    "wait": Look(N_("Waits for the caller"), "hourglass", "info"),
    "end_wait": Look(N_("No longer waits for the caller"), "hourglass"),
    "answer": Look(N_("Answered by %(department)s"), "report", "good"),
    "assist_answer": Look(N_("%(department)s answered as assistant"), "report", "good"),
    "rework": Look(N_("Sent back to be done again, round %(round)s"), "refresh", "bad"),
    "suspend": Look(N_("Suspended"), "player-pause", "warn"),
    "resume": Look(N_("Taken up again"), "player-play"),
    "correct_money": Look(N_("The money recovered was put right"), "pencil", "warn"),
    "thank": Look(N_("The caller gives thanks"), "mood-smile", "good"),
    "report_back": Look(N_("Reported back to the sender"), "arrow-back-up", "good"),
    "close": Look(N_("Closed"), "circle-check", "good"),
    "withdraw": Look(N_("Withdrawn by the caller"), "circle-check", "good"),
    "merge": Look(N_("Merged into %(into)s"), "git-merge", "good"),
    "reopen": Look(N_("Reopened"), "refresh", "bad"),
    "exclude": Look(N_("Left out of the score"), "filter", "warn"),
    "include": Look(N_("Counts in the score again"), "filter"),
    "promise": Look(N_("Callback promised: %(kind)s"), "phone-outgoing", "info"),
    "promise_again": Look(N_("Callback promised again"), "phone-outgoing", is_small=True),
    "attempt": Look(N_("The caller was rung: %(outcome)s"), "phone-outgoing"),
    "choose_message": Look(N_("The caller chose to be told by short message"), "message", "info"),
    "end_message_choice": Look(N_("The caller is rung after all"), "phone", is_small=True),
    "send_message": Look(N_("Short message to the caller"), "send", "info"),
    "message_arrived": Look(N_("The message has arrived"), "circle-check", "good"),
    "message_outdated": Look(N_("There is more to tell than the message says"), "message", "warn"),
    "message_lost": Look(N_("The message did not arrive: the caller is rung"), LATE, "warn"),
    "settle": Look(N_("Callback over: %(kind)s, %(end)s"), "phone-check", is_small=True),
    "remind_callback_soon": Look(N_("A callback is due soon"), "bell", is_small=True),
    "remind_callback_overdue": Look(N_("A callback is overdue"), LATE, "bad"),
    "remind_callback_late": Look(N_("A callback is still overdue: escalated"), LATE, "bad"),
    "remind_accept_soon": Look(N_("%(department)s was reminded to accept"), "bell", is_small=True),
    "remind_accept_overdue": Look(N_("%(department)s did not accept in time"), LATE, "bad"),
    "remind_answer_soon": Look(N_("%(department)s was reminded to answer"), "bell", is_small=True),
    "remind_answer_overdue": Look(N_("%(department)s did not answer in time"), LATE, "bad"),
    "remind_accept_late": Look(
        N_("%(department)s still has not accepted: escalated"), LATE, "bad"
    ),
    "remind_answer_late": Look(
        N_("%(department)s still has not answered: escalated"), LATE, "bad"
    ),
    "remind_return_soon": Look(N_("The return is to be decided soon"), "bell", is_small=True),
    "remind_return_overdue": Look(N_("Nobody has decided about the return in time"), LATE, "bad"),
    "progress": Look(N_("Half of the time has passed"), "hourglass", is_small=True),
    "review_due": Look(N_("The day of review has come"), "bell", "warn"),
    "new_calendar": Look(N_("The calendar changed"), "calendar", is_small=True),
}
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
CALLS = {
    CallResult.ANSWERED: Look(N_("Call, answered"), "phone-incoming", "good"),
    CallResult.MISSED: Look(N_("Call, missed"), "phone-off", "bad"),
    CallResult.ABANDONED: Look(N_("Call, the caller hung up while waiting"), "phone-off", "bad"),
    CallResult.HUNG_UP_EARLY: Look(N_("Call, hung up at once"), "phone-off", "warn"),
    CallResult.VOICEMAIL: Look(N_("Voicemail"), "microphone", "info"),
    CallResult.FAILED: Look(N_("Call, not connected"), "phone-off", "warn"),
}
# fmt: on
RUNNING_CALL = Look(N_("Call, still on"), "phone-calling", "bad")
SPOKE = {
    AT_THE_COUNTER: Look(N_("Visit, spoken with"), "user", "good"),
    BY_TELEPHONE: Look(N_("Call on another telephone, answered"), "phone", "good"),
}
CALLED = Look(N_("We rang the caller"), "phone-outgoing", "good")
CHASED_BY_US = Look(N_("The hotline chased"), "alarm", "warn")
SOMETHING = Look(N_("Something was recorded"), "info-circle")
BECAUSE = {
    "handoffs": N_("Handed over so often that a supervisor must look at it."),
    "reworks": N_("Sent back so often that a supervisor must look at it."),
    "not_satisfied": N_("The caller is not satisfied, and not for the first time."),
    "emergency": N_("An emergency."),
    "spoken": N_("Somebody spoke with the caller not long ago: no word of progress is owed."),
    "no_number": N_("There is no number to ring: the word of progress waits for the next call."),
    "end_of_duty": N_("At the end of duty."),
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


def look_of(event: TicketEvent) -> Look:
    if event.kind == "chase" and event.data.get("by_hotline"):
        return CHASED_BY_US
    return LOOKS.get(event.kind, SOMETHING)


def look_of_call(call: Call) -> Look:
    if call.direction is Direction.OUTBOUND:
        return CALLED
    if call.provider in SPOKE:
        return SPOKE[call.provider]
    return RUNNING_CALL if call.result is None else CALLS[call.result]


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
    "chase": _chase,
    **dict.fromkeys(REMINDERS, _reminder),
}
