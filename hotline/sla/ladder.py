"""Who hears of a limit, and when: one table for every clock, from who works on it upwards.

A stage is told once. Whoever sleeps over several is told the highest of them, and a new limit
begins at the foot of the ladder: see `step_due`.
"""
# ruff: noqa: E501 - one step a line

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.i18n import N_
from hotline.sla import deadlines
from hotline.sla.business_time import NOTHING
from models import CallbackKind, Department, User


class Clock(StrEnum):
    """A limit that somebody must hear of."""

    ACCEPT = "accept"
    ANSWER = "answer"
    RETURN = "return"  # the hotline decides about a return
    EXTENSION = "extension"  # a supervisor decides about more time
    RETURN_CALL = "return_call"
    CALLBACK = "callback"  # to tell, to follow up
    SAFETY = "safety"


class Stage(StrEnum):
    """How far a limit has come."""

    SOON = "soon"  # most of it has passed (policy warn_percent)
    OVERDUE = "overdue"  # the limit itself
    LATE = "late"  # it has been over for long (policies escalate_percent, escalate_days)


STAGES = tuple(Stage)


class Rung(StrEnum):
    """Who hears of it; above each stands the next one of its way."""

    HANDLER = "handler"
    HEAD = "head"
    OPERATOR = "operator"  # who owns the callback, who took the call
    LEADER = "leader"  # the shift leader by the roster
    SUPERVISOR = "supervisor"


class Hours(StrEnum):
    """When it may be told; what falls due outside is told at the next opening."""

    DEPARTMENT = "department"  # its working time
    HOUSE = "house"  # the working time of the house
    CONTACT = "contact"  # when callers may be rung; their own time beats it
    ALWAYS = "always"


AT_DEPARTMENT = (Rung.HANDLER, Rung.HEAD, Rung.SUPERVISOR)
AT_HOTLINE = (Rung.OPERATOR, Rung.LEADER, Rung.SUPERVISOR)
WAYS = {Clock.ACCEPT: AT_DEPARTMENT, Clock.ANSWER: AT_DEPARTMENT}


@dataclass(frozen=True)
class Step:
    """One row: of this limit, at this stage, these hear this sentence in these hours.

    Of a critical matter (特急) `critical` hear of it; a department hears of it day and night.
    """

    clock: Clock
    stage: Stage
    rungs: frozenset[Rung]
    critical: frozenset[Rung]
    hours: Hours
    sentence: str

    @property
    def kind(self) -> str:
        """The kind of its event and of its notices."""
        return f"remind_{TOLD_AS.get(self.clock, self.clock).value}_{self.stage.value}"

    @property
    def is_urgent(self) -> bool:
        """Whether a short message goes out too; of a critical matter it always does."""
        return self.stage is not Stage.SOON


# What is rung is told alike, whatever it was promised for.
TOLD_AS = {Clock.RETURN_CALL: Clock.CALLBACK, Clock.SAFETY: Clock.CALLBACK}
RING = N_("Ring the caller of ticket %(number)s by %(due)s.")
WAITS = N_("The caller of ticket %(number)s was to be rung by %(due)s and still waits.")
STILL_WAITS = N_("Nobody has rung the caller of ticket %(number)s, who waits since %(due)s.")


def T(
    clock: Clock, stage: Stage, rungs: set[Rung], critical: set[Rung], hours: Hours, sentence: str
) -> Step:
    return Step(clock, stage, frozenset(rungs), frozenset(critical), hours, sentence)


C, S, R, H = Clock, Stage, Rung, Hours
ALL, EVERYBODY = set(AT_DEPARTMENT), set(AT_HOTLINE)

# fmt: off
LADDER = (
    # limit          stage      who hears                   of a critical matter        when          what they hear
    T(C.ACCEPT,      S.SOON,    {R.HANDLER},                {R.HANDLER, R.HEAD},        H.DEPARTMENT, N_("Please accept %(number)s by %(due)s.")),
    T(C.ACCEPT,      S.OVERDUE, {R.HANDLER, R.HEAD},        ALL,                        H.DEPARTMENT, N_("Not accepted in time: %(number)s.")),
    T(C.ACCEPT,      S.LATE,    ALL,                        ALL,                        H.DEPARTMENT, N_("Still not accepted: %(number)s, due since %(due)s.")),
    T(C.ANSWER,      S.SOON,    {R.HANDLER},                {R.HANDLER, R.HEAD},        H.DEPARTMENT, N_("Please answer %(number)s by %(due)s.")),
    T(C.ANSWER,      S.OVERDUE, {R.HANDLER, R.HEAD},        ALL,                        H.DEPARTMENT, N_("Overdue: %(number)s is not answered.")),
    T(C.ANSWER,      S.LATE,    ALL,                        ALL,                        H.DEPARTMENT, N_("Still not answered: %(number)s, due since %(due)s.")),
    T(C.RETURN,      S.SOON,    {R.OPERATOR},               {R.OPERATOR, R.LEADER},     H.HOUSE,      N_("Please decide about the return of %(number)s by %(due)s.")),
    T(C.RETURN,      S.OVERDUE, {R.SUPERVISOR},             {R.LEADER, R.SUPERVISOR},   H.HOUSE,      N_("%(department)s waits for the decision about %(number)s.")),
    T(C.EXTENSION,   S.SOON,    {R.SUPERVISOR},             {R.SUPERVISOR},             H.HOUSE,      N_("Please decide about more time for %(number)s by %(due)s.")),
    T(C.EXTENSION,   S.OVERDUE, {R.SUPERVISOR},             {R.LEADER, R.SUPERVISOR},   H.HOUSE,      N_("%(department)s waits for the decision about more time for %(number)s.")),
    T(C.EXTENSION,   S.LATE,    {R.LEADER, R.SUPERVISOR},   {R.LEADER, R.SUPERVISOR},   H.HOUSE,      N_("Still undecided: more time for %(number)s, due since %(due)s.")),
    T(C.RETURN_CALL, S.SOON,    {R.OPERATOR},               {R.OPERATOR, R.LEADER},     H.CONTACT,    RING),
    T(C.RETURN_CALL, S.OVERDUE, {R.OPERATOR, R.LEADER},     EVERYBODY,                  H.CONTACT,    WAITS),
    T(C.RETURN_CALL, S.LATE,    EVERYBODY,                  EVERYBODY,                  H.HOUSE,      STILL_WAITS),
    T(C.CALLBACK,    S.SOON,    {R.OPERATOR},               {R.OPERATOR, R.LEADER},     H.CONTACT,    RING),
    T(C.CALLBACK,    S.OVERDUE, {R.OPERATOR, R.LEADER},     EVERYBODY,                  H.CONTACT,    WAITS),
    T(C.CALLBACK,    S.LATE,    EVERYBODY,                  EVERYBODY,                  H.HOUSE,      STILL_WAITS),
    T(C.SAFETY,      S.SOON,    {R.OPERATOR, R.LEADER},     {R.OPERATOR, R.LEADER},     H.ALWAYS,     RING),
    T(C.SAFETY,      S.OVERDUE, EVERYBODY,                  EVERYBODY,                  H.ALWAYS,     WAITS),
    T(C.SAFETY,      S.LATE,    EVERYBODY,                  EVERYBODY,                  H.ALWAYS,     STILL_WAITS),
)
# fmt: on
STEPS = {(step.clock, step.stage): step for step in LADDER}
# What stands on a ticket once a limit is over and somebody above has heard of it.
ESCALATED = frozenset(step.kind for step in LADDER if step.stage is not Stage.SOON)
CLOCK_OF = {
    CallbackKind.RETURN_CALL: Clock.RETURN_CALL,
    CallbackKind.TELL: Clock.CALLBACK,
    CallbackKind.FOLLOW_UP: Clock.CALLBACK,
    CallbackKind.SAFETY: Clock.SAFETY,
}


@dataclass(frozen=True)
class Running:
    """A limit that runs: since when, until when, on whose calendar, less what it stood still."""

    clock: Clock
    start: datetime
    due_at: datetime
    department: Department | None = None
    paused: timedelta = NOTHING

    def stage_at(self, at: datetime) -> Stage | None:
        """How far it has come at `at`, on the stages of its ladder."""
        if at < self.due_at:
            return Stage.SOON if at >= self._at(deadlines.warn_at) else None
        if (self.clock, Stage.LATE) not in STEPS or at < self._at(deadlines.escalate_at):
            return Stage.OVERDUE
        return Stage.LATE

    def _at(self, moment: Callable[..., datetime]) -> datetime:
        return moment(self.start, self.due_at, self.department, paused=self.paused)


def step_due(
    running: Running, *, told: Stage | None, at: datetime, may_be_told: Callable[[Step], bool]
) -> Step | None:
    """What is to be told of a limit now, when `told` was the last: the highest stage it has come to
    that may be told at this hour, once.
    """
    reached = running.stage_at(at)
    if reached is None:
        return None
    last = STAGES.index(reached)
    first = 0 if told is None else STAGES.index(told) + 1
    first = max(first, min(last, STAGES.index(Stage.OVERDUE)))  # what is over is not soon any more
    steps = (STEPS[running.clock, stage] for stage in reversed(STAGES[first : last + 1]))
    return next((step for step in steps if may_be_told(step)), None)


def climb(step: Step, find: Callable[[Rung], Sequence[User]], *, is_critical: bool) -> list[User]:
    """Who hears of `step`: everybody on its rungs. Where one is empty, the next above hears
    instead, and where there is nobody above, the next below.
    """
    way = WAYS.get(step.clock, AT_HOTLINE)
    told: dict[int, User] = {}
    for rung in step.critical if is_critical else step.rungs:
        place = way.index(rung)
        ways = (*way[place:], *reversed(way[:place]))
        people = next((found for one in ways if (found := find(one))), ())
        told |= {person.id: person for person in people}
    return [told[number] for number in sorted(told)]
