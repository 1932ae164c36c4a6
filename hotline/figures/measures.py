"""Every number of a report as one row of a table: of which source it counts which rows.

The number and the list behind its link are made from the same row, so that they cannot differ.
"""
# ruff: noqa: E501 - one measure a line

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from hotline.calls import came
from hotline.calls.came import FATES
from hotline.figures.sources import SOURCES, Source
from hotline.i18n import N_
from hotline.sla.clocks import ClockKind
from models import (
    Call,
    Callback,
    Feedback,
    Handoff,
    HandoffEnd,
    How,
    Resolution,
    Satisfaction,
    Ticket,
    UtcDateTime,
)
from models import Source as Channel

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Measure:
    """How many rows of `source` fulfil `holds` at an instant."""

    name: str
    source_name: str
    label: str
    condition: Condition | Callable[[datetime], Condition]

    @property
    def source(self) -> Source:
        return SOURCES[self.source_name]

    def holds(self, at: datetime) -> Condition:
        """The condition on a row of the source, as of `at`."""
        return self.condition if isinstance(self.condition, ColumnElement) else self.condition(at)


def _until(
    ended_at: InstrumentedAttribute[datetime | None], at: datetime
) -> ColumnElement[datetime]:
    """When it ended, or now while it runs."""
    return func.coalesce(ended_at, literal(at, UtcDateTime))


def _fast(_at: datetime) -> Condition:
    return and_(came.RANG, FATES["in_time"]())


def _slow(_at: datetime) -> Condition:
    return and_(came.RANG, FATES["late"]())


def _accepted_late(at: datetime) -> Condition:
    return or_(
        Handoff.accepted_at > Handoff.accept_due_at,
        and_(
            Handoff.accepted_at.is_(None),
            _until(Handoff.ended_at, at) > Handoff.accept_due_at,
        ),
    )


def _rung_late(at: datetime) -> Condition:
    return or_(
        Callback.first_attempt_at > Callback.first_due_at,
        and_(
            Callback.first_attempt_at.is_(None),
            _until(Callback.ended_at, at) > Callback.first_due_at,
        ),
    )


ALWAYS = true()  # every row of the source
# Answered for good in the call in which it came, by the operator.
FIRST_CALL = and_(
    Ticket.source == Channel.PHONE,
    Ticket.resolution == Resolution.ANSWERED_DIRECTLY,
    Ticket.handoff_count == 0,
    Feedback.attempt_id.is_(None),
)
IS_ANSWERED = Handoff.end == HandoffEnd.ANSWERED
# Whose follow-up was valid: a department had it, and the caller was reached (有效回访).
WENT_THROUGH = Ticket.handoff_count > 0
VALID = and_(WENT_THROUGH, Feedback.how == How.IN_CALL, Ticket.resolution != Resolution.WITHDRAWN)
KEPT = Ticket.excluded_at.is_(None)
CONTACTED = or_(Feedback.was_contacted.is_(True), Ticket.is_confidential.is_(True))
RATED = (Satisfaction.SATISFIED, Satisfaction.BASICALLY, Satisfaction.NOT_SATISFIED)


def _rated(how: Satisfaction) -> Condition:
    return and_(VALID, Feedback.satisfaction == how)


def _ended(how: How) -> Condition:
    return and_(WENT_THROUGH, Feedback.how == how)


M = Measure
# fmt: off
_TABLE = (
    # name                source         label                                   which rows
    M("calls",            "calls",       N_("Calls"),                            ALWAYS),
    M("decided",          "calls",       N_("Calls that count for the connect rate"), and_(came.RANG, FATES["counted"]())),
    M("connected",        "calls",       N_("Connected"),                        and_(came.RANG, came.CONNECTED)),
    M("picked_up",        "calls",       N_("Answered at a seat"),               Call.pickup_seconds.is_not(None)),
    M("fast",             "calls",       N_("Answered in time"),                 _fast),
    M("slow",             "calls",       N_("Answered later"),                   _slow),
    M("hung_up_early",    "calls",       N_("Hung up early"),                    and_(came.RANG, FATES["hung_up_early"]())),
    M("matters",          "matters",     N_("Matters"),                          ALWAYS),
    M("by_phone",         "matters",     N_("Matters by telephone"),             Ticket.source == Channel.PHONE),
    M("first_call",       "matters",     N_("Settled in the first call"),        FIRST_CALL),
    M("handed_off",       "matters",     N_("Handed to a department"),           WENT_THROUGH),
    M("repeat",           "matters",     N_("Repeat matters"),                   Ticket.is_repeat.is_(True)),
    M("chased",           "matters",     N_("Chased"),                           Ticket.chased_count > 0),
    M("closed",           "closed",      N_("Closed"),                           ALWAYS),
    M("passages",         "passages",    N_("Hand-overs"),                       Handoff.round == 1),
    M("reworked",         "passages",    N_("Done again"),                       Handoff.round > 1),
    M("returned",         "returns",     N_("Returned"),                         ALWAYS),
    M("sign_due",         "sign",        N_("Acceptance due"),                   ALWAYS),
    M("sign_on_time",     "sign",        N_("Accepted on time"),                 Handoff.accepted_at <= Handoff.accept_due_at),
    M("sign_late",        "sign",        N_("Accepted late, or not yet"),        _accepted_late),
    M("sign_done",        "sign",        N_("Accepted"),                         Handoff.accept_seconds.is_not(None)),
    M("handle_due",       "handle",      N_("Answer due"),                       ALWAYS),
    M("handle_on_time",   "handle",      N_("Answered on time"),                 and_(IS_ANSWERED, Handoff.ended_at <= Handoff.handle_due_at)),
    M("handle_late",      "handle",      N_("Answered late, or not yet"),        lambda at: _until(Handoff.ended_at, at) > Handoff.handle_due_at),
    M("handle_done",      "handle",      N_("Answered"),                         IS_ANSWERED),
    M("return_call_due",  "return_call", N_("Return call due"),                  ALWAYS),
    M("return_call_on_time", "return_call", N_("Rung back on time"),             Callback.first_attempt_at <= Callback.first_due_at),
    M("return_call_late", "return_call", N_("Rung back late, or not yet"),       _rung_late),
    M("return_call_done", "return_call", N_("Rung back"),                        Callback.ring_seconds.is_not(None)),
    M("callback_due",     "callback",    N_("Callback due"),                     ALWAYS),
    M("callback_on_time", "callback",    N_("First attempt on time"),            Callback.first_attempt_at <= Callback.first_due_at),
    M("callback_late",    "callback",    N_("First attempt late, or not yet"),   _rung_late),
    M("callback_done",    "callback",    N_("Tried"),                            Callback.ring_seconds.is_not(None)),
    M("told_done",        "told",        N_("Told"),                             Callback.told_seconds.is_not(None)),
    M("whole_done",       "closed",      N_("Closed"),                           Ticket.whole_seconds.is_not(None)),
    M("went_through",     "closed",      N_("Closed after a department"),        WENT_THROUGH),
    M("valid",            "closed",      N_("Caller reached"),                   VALID),
    M("contacted",        "closed",      N_("Department had made contact"),      and_(VALID, CONTACTED)),
    M("solved",           "closed",      N_("Solved, the caller says"),          and_(VALID, Feedback.is_solved.is_(True))),
    M("satisfied",        "closed",      N_("Satisfied"),                        _rated(Satisfaction.SATISFIED)),
    M("basically",        "closed",      N_("Basically satisfied"),              _rated(Satisfaction.BASICALLY)),
    M("not_satisfied",    "closed",      N_("Not satisfied"),                    _rated(Satisfaction.NOT_SATISFIED)),
    M("unrated",          "closed",      N_("Not rated"),                        and_(VALID, or_(Feedback.satisfaction.is_(None), Feedback.satisfaction.not_in(RATED)))),
    M("unreached",        "closed",      N_("Caller not reached"),               and_(WENT_THROUGH, Feedback.how.in_((How.UNREACHABLE, How.TOLD_BY_DEPARTMENT)))),
    M("no_way",           "closed",      N_("No way to reach"),                  _ended(How.NO_WAY_TO_REACH)),
    M("by_message",       "closed",      N_("Told by message"),                  _ended(How.MESSAGE_DELIVERED)),
    M("not_wanted",       "closed",      N_("Did not want to be told"),          _ended(How.NOT_WANTED)),
    M("withdrawn",        "closed",      N_("Taken back by the caller"),         and_(WENT_THROUGH, Ticket.resolution == Resolution.WITHDRAWN)),
    M("money",            "money",       N_("With money recovered"),             ALWAYS),
    M("excluded",         "closed",      N_("Excluded from the score"),          and_(WENT_THROUGH, Ticket.excluded_at.is_not(None))),
    M("valid_kept",       "closed",      N_("Reached, without the excluded"),    and_(VALID, KEPT)),
    M("contacted_kept",   "closed",      N_("Contacted, without the excluded"),  and_(VALID, CONTACTED, KEPT)),
    M("solved_kept",      "closed",      N_("Solved, without the excluded"),     and_(VALID, Feedback.is_solved.is_(True), KEPT)),
    M("satisfied_kept",   "closed",      N_("Satisfied, without the excluded"),  and_(VALID, Feedback.satisfaction == Satisfaction.SATISFIED, KEPT)),
    M("basically_kept",   "closed",      N_("Basically satisfied, without the excluded"), and_(VALID, Feedback.satisfaction == Satisfaction.BASICALLY, KEPT)),
)
# fmt: on
MEASURES = {measure.name: measure for measure in _TABLE}


@dataclass(frozen=True)
class Clock:
    """One clock of a report (hotline.sla.clocks): which measures say what of it."""

    name: str
    label: str
    done: str  # the rows whose time it shows
    due: str = ""  # of which `on_time` and `late` are parts; empty: a clock without a limit
    on_time: str = ""
    late: str = ""
    by_the_wall: bool = False


K = ClockKind
CLOCKS = {
    clock.name: clock
    for clock in (
        Clock(K.PICK_UP, N_("Pick-up"), "picked_up", "connected", "fast", "slow", by_the_wall=True),
        Clock(K.SIGN, N_("Accepting"), "sign_done", "sign_due", "sign_on_time", "sign_late"),
        Clock(
            K.HANDLE, N_("Handling"), "handle_done", "handle_due", "handle_on_time", "handle_late"
        ),
        Clock(
            K.RETURN_CALL,
            N_("Return call"),
            "return_call_done",
            "return_call_due",
            "return_call_on_time",
            "return_call_late",
        ),
        Clock(
            K.CALLBACK,
            N_("Callback"),
            "callback_done",
            "callback_due",
            "callback_on_time",
            "callback_late",
        ),
        Clock(K.TOLD, N_("Until told"), "told_done"),
        Clock(K.WHOLE, N_("Whole life"), "whole_done", by_the_wall=True),
    )
}


@dataclass(frozen=True)
class Rate:
    """A share of two measures, with an honest denominator."""

    name: str
    label: str
    part: str
    whole: str


RATES = {
    rate.name: rate
    for rate in (
        Rate("connect_rate", N_("Connect rate"), "connected", "decided"),
        Rate("fast_rate", N_("Picked up in time"), "fast", "connected"),
        Rate("first_call_rate", N_("First-call resolution"), "first_call", "by_phone"),
        Rate("sign_rate", N_("Accepted on time"), "sign_on_time", "sign_due"),
        Rate("handle_rate", N_("Answered on time"), "handle_on_time", "handle_due"),
        Rate("return_call_rate", N_("Rung back on time"), "return_call_on_time", "return_call_due"),
        Rate("callback_rate", N_("Called back on time"), "callback_on_time", "callback_due"),
        Rate("response_rate", N_("Response rate"), "contacted", "valid"),
        Rate("solved_rate", N_("Solved rate"), "solved", "valid"),
        Rate("reached_rate", N_("Reached"), "valid", "went_through"),
    )
}
