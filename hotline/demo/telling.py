"""Telling the caller what a department answered: ring until told, or until somebody signs."""

from datetime import datetime, timedelta

from hotline.demo.book import Row
from hotline.demo.corpus import Handled
from hotline.demo.courses import report_back, sign_unreachable
from hotline.demo.story import Story
from hotline.demo.texts import remarks
from hotline.sla import deadlines
from models import (
    CallbackEnd,
    CallbackKind,
    Handoff,
    How,
    Outcome,
    Resolution,
    Satisfaction,
    Ticket,
    User,
)

THANKED = 15  # one in so many gives thanks
HOUR = timedelta(hours=1)
DAY = timedelta(hours=7, minutes=30)  # of working time
# What unreached callers do instead of answering, in the order of the attempts.
IN_VAIN = (Outcome.NO_ANSWER, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REFUSED_CALL,
           Outcome.SOMEBODY_ELSE, Outcome.VOICEMAIL)  # fmt: skip
RATINGS = (
    *[Satisfaction.SATISFIED] * 74,
    *[Satisfaction.BASICALLY] * 14,
    *[Satisfaction.UNRATED] * 5,
    *[Satisfaction.NOT_SATISFIED] * 7,
)


def told(story: Story, at: datetime, how: Handled) -> datetime:
    """Ring until the caller is told, or until the policy is exhausted and signed."""
    world = story.world
    callback = promised(story, at)
    rings_at = world.office_time(at, timedelta(minutes=15), 6 * HOUR)
    while callback.values.get("exhausted_at") is None:
        operator = world.operator_at(rings_at)
        if not world.one_in(2.2 if callback.values.get("failed_attempts") else 6):
            return _reached(story, callback, rings_at, operator, how)
        outcome, rang_at = world.rng.choice(IN_VAIN), rings_at
        note = world.choice(remarks.NOT_REACHED[outcome.value])
        story.attempt(callback, rang_at, operator, outcome, note)
        rings_at = world.time_within(callback["not_before_at"], callback["due_at"])
    signed_at = world.office_time(rang_at, HOUR, 7 * HOUR)
    _signed(story, signed_at, operator)
    return signed_at


def promised(story: Story, at: datetime) -> Row:
    """The debt that an answer makes: tell the result, or follow up what the department told."""
    handoff = story.handoff
    told = handoff is not None and handoff.values.get("told_caller_at") is not None
    kind = CallbackKind.FOLLOW_UP if told else CallbackKind.TELL
    due_at = deadlines.follow_up_due(at) if told else deadlines.tell_due(at)
    words = handoff["answer"] if handoff is not None else ""
    return story.promise(kind, at, due_at, owner=story.world.operator_at(at), words=words)


def _signed(story: Story, at: datetime, asked_by: User) -> None:
    """Closed on the department's word where it told the caller, else as unreachable."""
    if story.handoff is None or story.handoff.values.get("told_caller_at") is None:
        sign_unreachable(story, at, asked_by)
        return
    solved = story.handoff["is_solved"]
    story.close(
        at,
        story.world.user("sup"),
        Resolution.SOLVED if solved else Resolution.EXPLAINED,
        how=How.TOLD_BY_DEPARTMENT,
        told=story.handoff["answer"],
        end=CallbackEnd.UNREACHABLE,
        handoff_id=story.handoff,
    )


def _reached(story: Story, callback: Row, at: datetime, by: User, how: Handled) -> datetime:
    """The caller is told and says what it was worth; who is not satisfied gets another round."""
    world = story.world
    rating = world.rng.choice(RATINGS)
    outcome = Outcome.DECLINED_SURVEY if rating is Satisfaction.UNRATED else Outcome.REACHED
    closed_at = at + world.minutes(2, 7)
    if rating is Satisfaction.NOT_SATISFIED and not story.ticket.values.get("rework_count"):
        words = world.choice(remarks.DISSATISFIED)
        story.attempt(callback, at, by, outcome, words)
        return _again(story, closed_at, by, words)
    attempt = story.attempt(callback, at, by, outcome, world.choice(remarks.REACHED))
    report_back(story, closed_at, by)
    number = len(world.book.rows[Ticket])
    if rating is Satisfaction.SATISFIED and number % THANKED == 0:
        story.thank(at, attempt, by, remarks.THANKS[1 + number % 2])
    if rating is Satisfaction.NOT_SATISFIED:
        return _explained(story, closed_at, by, attempt)
    rated = rating is not Satisfaction.UNRATED
    story.close(
        closed_at,
        by,
        Resolution.SOLVED if how.solved else Resolution.EXPLAINED,
        told=story.handoff["answer"] if story.handoff else "",
        attempt_id=attempt,
        was_contacted=not world.one_in(25) if rated else None,
        is_solved=how.solved if rated else None,
        satisfaction=rating,
    )
    return closed_at


def _again(story: Story, at: datetime, by: User, words: str) -> datetime:
    """Sent back to the department; the second answer is told like the first."""
    world = story.world
    first = [row for row in story.rows if row.model is Handoff][-1]
    department = next(one for one in world.departments.values() if one.id == first["department_id"])
    story.rework(at, by, department, words)
    answered_at = world.office_time(at, 3 * HOUR, 2.5 * DAY)
    how = Handled(
        "按来电人意见再次核实，{when}与单位逐项核对后补办到位。",
        "您好，上次您说的情况我们又逐项核对了，单位已经补办到位，您再看看还有没有遗漏。",
        True,
    )
    story.answer(answered_at, story.handler, how)
    return told(story, answered_at, how)


def _explained(story: Story, at: datetime, by: User, attempt: Row) -> datetime:
    """Told, not satisfied, and more cannot be done: a supervisor signs the explanation."""
    world, supervisor = story.world, story.world.user("sup")
    signed_at = world.office_time(at, HOUR, 5 * HOUR)
    story.close(
        signed_at,
        supervisor,
        Resolution.EXPLAINED,
        told=story.handoff["answer"] if story.handoff else "",
        attempt_id=attempt,
        was_contacted=True,
        is_solved=False,
        satisfaction=Satisfaction.NOT_SATISFIED,
        dissatisfaction=world.choice(remarks.STILL_DISSATISFIED),
        recorded_by_id=by.id,
        asked_by_id=by.id,
        signed_by_id=supervisor.id,
        signed_at=signed_at,
    )
    return signed_at
