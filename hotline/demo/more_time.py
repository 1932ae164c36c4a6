"""Departments of the demo that asked for more time: one waits, one got it, one did not, one was
granted a higher level, and one that assists it waits too. Each continues a story that a department
has in work."""

from datetime import datetime

from hotline.demo.book import Row
from hotline.demo.cast_hotline import MINUTE
from hotline.demo.story import Story
from hotline.demo.texts import remarks
from hotline.handoffs import words
from hotline.handoffs.moves import Why
from hotline.sla import deadlines, limits
from hotline.sla.limits import Limit
from hotline.sla.policy_table import Unit
from models import (
    CallbackKind,
    Department,
    Extension,
    Handoff,
    HandoffRole,
    Level,
    Outcome,
    User,
)


def asked(story: Story) -> None:
    """Asked lately; no supervisor has looked at it yet."""
    _ask(story, story.world.latest_office_hour(), remarks.MORE_TIME[0], days=4)


def granted(story: Story) -> None:
    """Granted lately: the caller is still to be told the new date."""
    world = story.world
    wish = _ask(story, world.working_day(1, 15, 10), remarks.MORE_TIME[1], days=2)
    _grant(story, wish, world.latest_office_hour(), wish["until_at"])


def refused(story: Story) -> None:
    """Refused with a reason: the limit stays."""
    world, reason = story.world, remarks.NO_MORE_TIME
    asked_at = world.working_day(1, 10, 5)
    wish, at = _ask(story, asked_at, remarks.MORE_TIME[2], days=3), asked_at + 70 * MINUTE
    _decide(wish, at, world.user("sup"), is_granted=False)
    department = _department(story).id
    story.fact(
        "refuse_extension", at, world.user("sup"), reason=reason, department=department,
        extension=wish,
    )  # fmt: skip


def raised(story: Story) -> None:
    """It is harder than it looked: a higher level was granted, and the caller knows the date."""
    world, handoff = story.world, _handoff(story)
    wish = _ask(story, world.working_day(2, 9, 30), remarks.MORE_TIME[3], level=Level.COMPLEX)
    limit = limits.to_handle(Level.COMPLEX)
    to = deadlines.after(handoff["handed_off_at"], limit, _department(story))
    ring = _grant(story, wish, world.working_day(2, 14, 20), to)
    story.ticket.values |= {"level": Level.COMPLEX, "promised_at": to}
    rung_at = world.working_day(1, 10, 15)
    story.attempt(ring, rung_at, world.user("op2"), Outcome.REACHED, remarks.REACHED[1])
    _assisted(story)


def _assisted(story: Story) -> None:
    """Another department helps, with a limit of its own, and asks for more of it."""
    world, at = story.world, story.world.working_day(1, 14, 0)
    department, head = world.departments["service"], world.user("rights.head")
    limit = limits.to_handle(story.ticket["level"])
    due_at = deadlines.after(at, limit, department)
    helping = story.row(
        Handoff,
        ticket_id=story.ticket,
        department_id=department.id,
        role=HandoffRole.ASSIST,
        round=1,
        note=remarks.PLEASE_HELP,
        handed_off_at=at,
        handed_off_by_id=head.id,
        limit_amount=limit.amount,
        limit_unit=limit.unit.value,
        accept_due_at=due_at,
        handle_due_at=due_at,
        due_at=due_at,
    )
    story.fact("ask_assist", at, head, reason=remarks.PLEASE_HELP, department=department.id)
    asked_at = max(world.latest_office_hour(), at + 30 * MINUTE)
    _ask_for(story, helping, asked_at, world.user("service"), remarks.MORE_TIME[4], days=5)


def _ask(
    story: Story, at: datetime, reason: str, *, days: int = 0, level: Level | None = None
) -> Row:
    return _ask_for(story, _handoff(story), at, story.handler, reason, days=days, level=level)


def _ask_for(
    story: Story,
    handoff: Row,
    at: datetime,
    by: User,
    reason: str,
    *,
    days: int = 0,
    level: Level | None = None,
) -> Row:
    department, until = _department_of(story, handoff), None
    if level is None:
        more = Limit(days, Unit.WORKING_DAYS)
        until = deadlines.after(handoff["handle_due_at"], more, department)
    story.fact(
        "ask_level" if level else "ask_extension", at, by, reason=reason, department=department.id,
        until=until.isoformat() if until else None, level=level.value if level else None,
    )  # fmt: skip
    return story.row(
        Extension,
        handoff_id=handoff,
        asked_at=at,
        asked_by_id=by.id,
        reason=reason,
        level=level,
        until_at=until,
        due_at=min(deadlines.decide_return_due(at), handoff["handle_due_at"]),
    )


def _grant(story: Story, wish: Row, at: datetime, to: datetime) -> Row:
    """The limit moves, and the caller is owed a ring with the new date, which is returned."""
    handoff, department, by = _handoff(story), _department(story), story.world.user("sup")
    before, level = handoff["handle_due_at"], wish["level"]
    _decide(wish, at, by, is_granted=True)
    wish.values |= {"from_due_at": before, "to_due_at": to}
    moved = {"at": at.isoformat(), "from": before.isoformat(), "to": to.isoformat()}
    why = Why.LEVEL if level else Why.EXTENSION
    handoff.values |= {
        "handle_due_at": to,
        "due_at": to,
        "moves": [{"why": why.value, **moved, "extension": wish}],
    }
    story.fact(
        "grant_extension", at, by, department=department.id, extension=wish,
        level=level.value if level else None, moved=[["handle", moved["from"], moved["to"]]],
    )  # fmt: skip
    said = words.later_than_promised(department, to)
    ring = story.promise(CallbackKind.TELL, at, deadlines.tell_due(at), words=said)
    ring["new_date"] = to
    return ring


def _decide(wish: Row, at: datetime, by: User, *, is_granted: bool) -> None:
    wish.values |= {"decided_at": at, "decided_by_id": by.id, "is_granted": is_granted}


def _handoff(story: Story) -> Row:
    if story.handoff is None:
        raise LookupError("no department has it")
    return story.handoff


def _department(story: Story) -> Department:
    return _department_of(story, _handoff(story))


def _department_of(story: Story, handoff: Row) -> Department:
    wanted = handoff["department_id"]
    return next(one for one in story.world.departments.values() if one.id == wanted)
