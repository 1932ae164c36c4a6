"""The open tickets the hotline itself holds when the demo starts: callbacks, a voicemail, calls."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from hotline.demo import by_message, sound
from hotline.demo.book import Row
from hotline.demo.courses import taken
from hotline.demo.matters import Matter
from hotline.demo.people import ZONE
from hotline.demo.story import Story
from hotline.demo.telling import promised
from hotline.demo.texts import TOPICS, remarks
from hotline.demo.world import Guest, World
from hotline.sla import deadlines
from models import CallbackKind, CallerKind, CallResult, Outcome, Resolution, Satisfaction

MINUTE = timedelta(minutes=1)


def write(world: World) -> None:
    """Tell them all."""
    _to_be_told_soon(world)
    _to_be_rung_back_soon(world)
    _to_be_told_by_message(world)
    _overdue(world)
    _voicemail_of_last_night(world)
    for number, code in enumerate(("medical_refund", "unpaid_wages", "severance")):
        _unreachable(world, code, number)
    _courier(world)
    _to_follow_up(world)
    _kept_for_the_caller(world)
    _praised(world)


def matter(world: World, code: str, question: int = 0, answer: int = 0) -> Matter:
    """A certain question of a certain category."""
    topic = TOPICS[code]
    asked = topic.asked[answer]
    return Matter(world.categories[code], topic, asked, asked.questions[question])


def answered(
    world: World, code: str, days_ago: int = 0, *, question: int = 0, chooses_message: bool = False
) -> Story:
    """A department answered two hours after it was asked, some working days ago; else lately."""
    what = matter(world, code, question)
    at = world.working_day(days_ago or 1, 9, 20)
    guest = Guest.new(world.crowd.person(what.asked.who, what.topic.trade), at)
    story, operator, call = taken(world, guest, at, what)
    story.ticket["operator_id"] = operator.id
    lead = what.category.lead_department or world.departments["office"]
    if chooses_message:
        by_message.choose(story, call["ended_at"], operator, call)
    handed_at = call["ended_at"] + timedelta(seconds=40)
    story.hand_off(handed_at, lead, operator)
    handler = world.handler_of(lead)
    story.accept(handed_at + 25 * MINUTE, handler)
    answered_at = handed_at + 110 * MINUTE if days_ago else world.latest_office_hour()
    story.answer(answered_at, handler, what.topic.handled[0])
    return story


def _to_be_told_soon(world: World) -> None:
    """An answer came; the caller rang to say when to be told it, which is in twelve minutes."""
    story, owner = answered(world, "medical_refund", 2, question=1), world.user("op1")
    callback = promised(story, story.rows[-1]["at"])
    story.ticket.values |= {"operator_id": owner.id, "owner_id": owner.id}
    callback["owner_id"] = owner.id
    call = story.rings(world.start - 79 * MINUTE, by=owner, lasts=timedelta(seconds=42))
    story.attempt(
        callback, world.start - 78 * MINUTE, owner, Outcome.LATER,
        "来电人正在上班，约一小时后再打，结果还没来得及说。", later="in_1_hour", call=call,
    )  # fmt: skip
    story.tell()


def _to_be_rung_back_soon(world: World) -> None:
    """Nobody picked up; the caller asked to be rung in an hour, which is in 25 minutes."""
    what, owner = matter(world, "overtime_pay"), world.user("op2")
    at = world.start - 85 * MINUTE
    guest = Guest.new(world.crowd.person(CallerKind.WORKER, "factory"), at)
    story = Story(world, guest, at)
    call = story.rings(at, CallResult.ABANDONED, rang=timedelta(seconds=31))
    due_at = deadlines.return_call_due(call["ended_at"])
    callback = story.promise(CallbackKind.RETURN_CALL, call["ended_at"], due_at)
    tried_at = world.start - 65 * MINUTE
    story.attempt(
        callback, tried_at, owner, Outcome.LATER, "正在交接班，请一小时后再打。", later="in_1_hour"
    )
    story.describe(tried_at + MINUTE, owner, what.category, what.question)
    story.tell()


def _to_be_told_by_message(world: World) -> None:
    """An answer came for somebody who is at work and asked for a short message."""
    story, owner = answered(world, "annual_leave", chooses_message=True), world.user("op1")
    callback = promised(story, story.rows[-1]["at"])
    story.ticket["owner_id"] = callback["owner_id"] = owner.id
    story.tell()


def _overdue(world: World) -> None:
    """A result nobody has told although its time has passed; everybody was reminded of it."""
    story, owner = answered(world, "annual_leave", 2), world.user("op1")
    callback = promised(story, story.rows[-1]["at"])
    story.ticket.values |= {"operator_id": owner.id, "owner_id": owner.id}
    callback["owner_id"] = owner.id
    story.tell()


def _voicemail_of_last_night(world: World) -> None:
    """Somebody spoke to the tape after ten, and rang once more."""
    yesterday = world.start.astimezone(ZONE).date() - timedelta(days=1)
    at = datetime.combine(yesterday, time(22, 41, 8), ZONE)
    guest = Guest.new(world.crowd.person(CallerKind.UNKNOWN, "rider"), at)
    guest.caller.values |= {"name": "", "employer": "", "is_member": None}
    story = Story(world, guest, at)
    call = story.rings(at, CallResult.VOICEMAIL, rang=timedelta(seconds=46))
    call["ended_at"] = call["heard_at"] = call["ended_at"] + timedelta(seconds=sound.SECONDS)
    story.rows.append(sound.recording(world, call))
    due_at = deadlines.return_call_due(call["ended_at"])
    callback = story.promise(CallbackKind.RETURN_CALL, call["ended_at"], due_at)
    again_at = at + 4 * MINUTE
    story.rings(again_at, CallResult.MISSED, rang=timedelta(seconds=38))
    story.fact("chase", again_at)
    story.ticket["chased_count"] = 1
    if due_at <= world.start + 30 * MINUTE:  # late in the day: tried once, nobody answered
        tried_at = world.waking_hour(world.start - 35 * MINUTE)
        note = world.choice(remarks.NOT_REACHED["no_answer"])
        story.attempt(callback, tried_at, world.user("op3"), Outcome.NO_ANSWER, note)
    story.tell()


def _unreachable(world: World, code: str, number: int) -> None:
    """Three rings on two days, one after work, all in vain: somebody else may sign."""
    story = answered(world, code, 5, question=number)
    callback = promised(story, story.rows[-1]["at"])
    operator = world.user(("op2", "op3", "op2")[number])
    instants = (
        world.working_day(4, 10 + number, 15),
        world.working_day(4, 18, 10 * number),
        world.working_day(2, 15, 10 * number),
    )
    for at, outcome in zip(instants, ("no_answer", "refused_call", "no_answer"), strict=True):
        note = world.choice(remarks.NOT_REACHED[outcome])
        story.attempt(callback, at, operator, Outcome(outcome), note)
    callback["owner_id"] = operator.id
    story.tell()


def _courier(world: World) -> None:
    """A courier on the line a moment ago: asks how to join, is to hear it yet."""
    what = matter(world, "join_eight_groups", 1)
    at = world.start - 8 * MINUTE
    guest = Guest.new(world.crowd.courier(), at)
    story, operator = Story(world, guest, at), world.user("op1")
    call = story.rings(at, by=operator, lasts=timedelta(minutes=3, seconds=20))
    story.describe(call["ended_at"] - MINUTE, operator, what.category, what.question)
    story.tell()


def _to_follow_up(world: World) -> None:
    """The department says it told the caller; the pool asks whether that is so."""
    story = answered(world, "job_search")
    if story.handoff is None:
        raise LookupError("nobody answered")
    told = {"told_caller_at": story.handoff["answered_at"] - 6 * MINUTE}
    told |= {"told_caller_number": story.person.number}
    story.handoff.values |= told | {"told_caller_by": story.handler.display_name}
    callback = promised(story, story.rows[-1]["at"])
    callback["owner_id"] = None
    story.tell()


def _kept_for_the_caller(world: World) -> None:
    """A caller who showed no number: the answer waits under the query code."""
    what = matter(world, "funds_misuse")
    at = world.working_day(7, 10, 5)
    person = world.crowd.person(CallerKind.WORKER, "factory", has_number=False)
    guest = Guest.new(replace(person, name=""), at)
    story, operator, call = taken(world, guest, at, what)
    story.ticket.values |= {
        "is_nameless": True,
        "is_confidential": True,
        "safe_summary": "匿名职工反映单位工会经费使用问题，要求查账。",
    }
    department = world.departments["funds_audit"]
    handler = world.handler_of(department)
    story.hand_off(call["ended_at"] + MINUTE, department, operator)
    story.accept(call["ended_at"] + 40 * MINUTE, handler)
    story.answer(world.working_day(2, 16), handler, what.topic.handled[1])
    story.tell()


def _praised(world: World) -> None:
    """Closed lately, the money is there, and the caller said how good it was."""
    story = answered(world, "construction_wages", 3, question=1)
    story.recover_money(story.rows[-1]["at"])
    callback = promised(story, story.rows[-1]["at"])
    at, operator = world.working_day(2, 10, 30), world.user("op1")
    attempt: Row = story.attempt(callback, at, operator, Outcome.REACHED, remarks.PRAISE[0])
    story.thank(at, attempt, operator, remarks.THANKS[0])
    told = story.handoff["answer"] if story.handoff else ""
    story.close(
        at + 3 * MINUTE, operator, Resolution.SOLVED, told=f"{told}{remarks.PRAISE[0]}",
        attempt_id=attempt, was_contacted=True, is_solved=True,
        satisfaction=Satisfaction.SATISFIED,
    )  # fmt: skip
    story.tell()
