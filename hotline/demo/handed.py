"""How tickets of the past went through a department and back to the caller."""

from dataclasses import replace
from datetime import datetime, timedelta

from hotline.demo.book import NumberOf
from hotline.demo.corpus import Handled
from hotline.demo.courses import is_past, taken, written
from hotline.demo.matters import Matter
from hotline.demo.story import Story
from hotline.demo.telling import DAY, HOUR, told
from hotline.demo.texts import remarks
from hotline.demo.world import World
from models import (
    CallbackEnd,
    Department,
    How,
    Level,
    Resolution,
    Source,
    Urgency,
    User,
)

# How long the work takes, in working time, by the level.
WORK = {
    Level.CONSULTATION: (HOUR, 6 * HOUR),
    Level.ORDINARY: (3 * HOUR, 4.6 * DAY),
    Level.DIFFICULT: (1 * DAY, 11 * DAY),
    Level.COMPLEX: (4 * DAY, 20 * DAY),
}
NO_NUMBER_DAYS = timedelta(days=31)


def through_a_department(
    world: World, at: datetime, matter: Matter, *, source: Source = Source.PHONE
) -> Story | None:
    """Handed off, worked on, answered; then the caller is rung until told."""
    story = begun(world, at, matter, source)
    handled_at = worked_on(story, story.rows[-1]["at"] + timedelta(seconds=30), matter)
    how = world.deck.handling(matter)
    _answer(story, handled_at, how)
    ended_at = told(story, handled_at, how)
    return story.tell() if is_past(world, ended_at) else None


def withdrawn(world: World, at: datetime, matter: Matter) -> Story | None:
    """The caller rang again and took the matter back while a department had it."""
    story = begun(world, at, matter, Source.PHONE)
    accepted_at = accepted(story, story.rows[-1]["at"] + timedelta(seconds=30), matter)
    rings_at = world.office_time(accepted_at, HOUR, 6 * HOUR)
    operator = world.operator_at(rings_at)
    call = story.rings(rings_at, by=operator, lasts=world.seconds(50, 130))
    if not is_past(world, call["ended_at"]):
        return None
    words = world.choice(remarks.WITHDRAWN)
    story.close(
        call["ended_at"],
        operator,
        Resolution.WITHDRAWN,
        told=words,
        action="withdraw",
        end=CallbackEnd.NOT_NEEDED,
        call_id=call,
    )
    return story.tell()


def merged(world: World, at: datetime, matter: Matter) -> Story | None:
    """The caller rang again and got a second ticket for the same matter: merged into the first."""
    story = begun(world, at, matter, Source.PHONE)
    accepted_at = accepted(story, story.rows[-1]["at"] + timedelta(seconds=30), matter)
    again_at = world.office_time(accepted_at, HOUR, 3 * HOUR)
    again = replace(matter, question=remarks.AGAIN + matter.question, tail="")
    second, operator, call = taken(world, story.guest, again_at, again)
    closed_at = call["ended_at"] + world.seconds(20, 80)
    story.fact("call", closed_at, operator, call=call)
    story.fact("chase", closed_at, operator)
    story.ticket["chased_count"] = 1
    second.ticket["merged_into_id"] = story.ticket
    second.close(
        closed_at,
        operator,
        Resolution.MERGED,
        how=How.MOVED,
        action="merge",
        end=CallbackEnd.NOT_NEEDED,
        moved_to_id=story.ticket,
        data={"into": NumberOf(story.ticket)},
    )
    how = world.deck.handling(matter)
    handled_at = world.office_time(closed_at, *WORK[Level.CONSULTATION])
    _answer(story, handled_at, how)
    ended_at = told(story, handled_at, how)
    if not is_past(world, ended_at):
        return None
    story.tell()
    return second.tell()


def kept_for_the_caller(world: World, at: datetime, matter: Matter) -> Story | None:
    """A caller without a number, told a query code, never asked again: signed after a month."""
    story = begun(world, at, matter, Source.PHONE, has_number=False)
    handled_at = worked_on(story, story.rows[-1]["at"] + timedelta(seconds=30), matter)
    story.answer(handled_at, story.handler, world.deck.handling(matter))
    signed_at = world.office_time(handled_at + NO_NUMBER_DAYS, timedelta(0), 5 * HOUR)
    if not is_past(world, signed_at):
        return None
    supervisor = world.user("sup")
    story.close(
        signed_at,
        supervisor,
        Resolution.UNREACHABLE,
        how=How.NO_WAY_TO_REACH,
        end=CallbackEnd.NOT_NEEDED,
        asked_by_id=story.ticket["operator_id"],
        signed_by_id=supervisor.id,
        signed_at=signed_at,
    )
    return story.tell()


def not_wanted(world: World, at: datetime, matter: Matter) -> Story | None:
    """Reported and worked on, but the caller asked not to be told."""
    story = begun(world, at, matter, Source.PHONE)
    handled_at = worked_on(story, story.rows[-1]["at"] + timedelta(seconds=30), matter)
    story.answer(handled_at, story.handler, world.deck.handling(matter))
    closed_at = world.office_time(handled_at, timedelta(minutes=10), 4 * HOUR)
    if not is_past(world, closed_at):
        return None
    story.close(
        closed_at,
        world.operator_at(closed_at),
        Resolution.EXPLAINED,
        how=How.NOT_WANTED,
        told=world.choice(remarks.NOT_WANTED),
        end=CallbackEnd.NOT_NEEDED,
    )
    return story.tell()


def begun(
    world: World, at: datetime, matter: Matter, source: Source, *, has_number: bool = True
) -> Story:
    """The matter is written down; some are urgent, some were granted a higher level."""
    guest = world.guest(matter, at, has_number=has_number)
    if source is Source.PHONE:
        story, _, _ = taken(world, guest, at, matter)
    else:
        story, _ = written(world, guest, at, matter, source)
    if world.one_in(16):
        story.ticket["urgency"] = Urgency.URGENT
    if matter.category.is_sensitive and world.one_in(2):
        story.ticket["is_confidential"] = True
        story.ticket["safe_summary"] = f"一名职工反映{matter.category.name_zh}问题，要求保密办理。"
    if story.ticket["level"] is Level.DIFFICULT and world.one_in(7):
        story.ticket["level"] = Level.COMPLEX
    return story


def worked_on(story: Story, at: datetime, matter: Matter) -> datetime:
    """From the hand-off to the answer; returns when the answer comes."""
    world = story.world
    accepted_at = accepted(story, at, matter)
    least, most = WORK[story.ticket["level"]]
    if story.ticket.values.get("urgency") is Urgency.URGENT:
        least, most = WORK[Level.CONSULTATION]
    answered_at = world.office_time(accepted_at, least, most)
    if world.one_in(18):  # too late
        late_at = story.handoff["handle_due_at"] if story.handoff else answered_at
        answered_at = max(answered_at, world.office_time(late_at, HOUR, 2 * DAY))
    noted_at = accepted_at + (answered_at - accepted_at) * 0.5
    noted_at = world.office_time(noted_at, timedelta(0), timedelta(minutes=5))
    notes = remarks.NOTES_OF_DISPUTES if matter.is_dispute else remarks.NOTES
    if world.one_in(2) and noted_at < answered_at:
        story.note(noted_at, story.handler, world.choice(notes))
    if world.one_in(14) and noted_at + HOUR < answered_at:
        _chased(story, noted_at + timedelta(minutes=20))
    return answered_at


def accepted(story: Story, at: datetime, matter: Matter) -> datetime:
    """Handed to its department, sometimes by way of a wrong one; returns when it was accepted."""
    world = story.world
    department = _lead_of(story, matter)
    was_granted = story.ticket["level"] is not matter.category.level
    operator = world.user("sup") if was_granted else story.operator
    if department.code != "funds_audit" and world.one_in(16):
        at = _returned(story, at, operator, department)
    story.hand_off(at, department, operator)
    late = world.one_in(14)
    least, most = (2.2 * HOUR, 6 * HOUR) if late else (timedelta(minutes=4), 1.9 * HOUR)
    handler = world.handler_of(department)
    if world.one_in(30):
        asked_at = world.office_time(at, timedelta(minutes=10), HOUR)
        story.ask_return(asked_at, handler, world.choice(remarks.RETURN_BASES), department)
        at = world.office_time(asked_at, timedelta(minutes=10), HOUR)
        story.refuse_return(at, world.operator_at(at), world.choice(remarks.RETURN_REFUSALS))
    accepted_at = world.office_time(at, least, most)
    story.accept(accepted_at, handler)
    return accepted_at


def _lead_of(story: Story, matter: Matter) -> Department:
    """The lead of the category; now and then the street, an enterprise union, an outside body."""
    world, lead = story.world, matter.category.lead_department
    by_name = {one.name_zh: one for one in world.departments.values()}
    if matter.category.code in ("insurance_unpaid", "insurance_gap") and world.one_in(6):
        return world.departments["labour"]
    if lead is not None and lead.code in ("org", "service") and world.one_in(10):
        return by_name[f"{story.person.street}总工会"]
    for name in ("恒岳电子", "瑞乔物流"):
        if story.person.employer == name and world.one_in(3):
            return by_name[f"{name}工会"]
    return lead or world.departments["office"]


def _returned(story: Story, at: datetime, operator: User, better: Department) -> datetime:
    """A wrong department first: it asks to return, the hotline agrees."""
    world = story.world
    wrong = world.departments["finance" if better.code != "finance" else "office"]
    story.hand_off(at, wrong, operator)
    asked_at = world.office_time(at, timedelta(minutes=15), 2 * HOUR)
    handler = world.handler_of(wrong)
    story.ask_return(asked_at, handler, world.choice(remarks.RETURN_BASES), better)
    decided_at = world.office_time(asked_at, timedelta(minutes=8), 1.8 * HOUR)
    story.send_back(decided_at, operator)
    return decided_at + timedelta(minutes=2)


def _chased(story: Story, at: datetime) -> None:
    """The caller rings to ask how it goes."""
    operator = story.world.operator_at(at)
    story.rings(at, by=operator, lasts=timedelta(seconds=75))
    story.fact("chase", at + timedelta(minutes=2), operator)
    story.ticket["chased_count"] = story.ticket.values.get("chased_count", 0) + 1


def _answer(story: Story, at: datetime, how: Handled) -> None:
    """The answer; nearly half of the departments have told the caller themselves."""
    world = story.world
    may_ring = not story.ticket.values.get("is_confidential") and bool(story.person.number)
    told_at = at - timedelta(minutes=8) if may_ring and world.one_in(2.2) else None
    story.answer(at, story.handler, how, told_at=told_at)
    if how.solved and story.ticket["category_id"] in _about_money(world):
        story.recover_money(at)


def _about_money(world: World) -> set[int]:
    codes = ("unpaid_wages", "construction_wages", "wage_deduction", "overtime_pay", "severance")
    return {world.categories[code].id for code in codes}
