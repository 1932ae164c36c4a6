"""The night before the demo starts: some were answered, two said what must be read first."""

from datetime import datetime, time, timedelta

from hotline.demo import courses
from hotline.demo.cast_hotline import matter
from hotline.demo.matters import Matter
from hotline.demo.people import ZONE
from hotline.demo.story import Story
from hotline.demo.world import Guest, World
from hotline.sla import deadlines
from models import CallbackKind, CallerKind, Urgency

MINUTE = timedelta(minutes=1)
# What easy questions were asked after eight in the evening, and when.
ANSWERED = (
    ("card_apply", 20, 12),
    ("annual_leave", 20, 47),
    ("medical_refund", 21, 5),
    ("heat_protection", 21, 33),
    ("minimum_wage", 22, 2),
    ("sick_leave", 22, 58),
)
DESPERATE = (
    "来电人在{employer}上班，被拖欠工资又和家人吵翻，说撑不下去、有轻生的念头，"
    "已陪他说了半个多小时，约好白天再打。"
)
ANGRY = "工友三十多人在工地门口，说明天再不发钱就去堵路讨薪，已劝住，请他们等白天答复。"


def write(world: World) -> None:
    """Tell them all."""
    for code, hour, minute in ANSWERED:
        courses.answered_directly(world, last_night(world, hour, minute), matter(world, code))
    _to_be_rung(world, "counselling", DESPERATE, last_night(world, 22, 20), Urgency.URGENT)
    _to_be_rung(world, "construction_wages", ANGRY, last_night(world, 21, 48), Urgency.URGENT)


def last_night(world: World, hour: int, minute: int) -> datetime:
    yesterday = world.start.astimezone(ZONE).date() - timedelta(days=1)
    return datetime.combine(yesterday, time(hour, minute, 10), ZONE)


def _to_be_rung(world: World, code: str, question: str, at: datetime, urgency: Urgency) -> None:
    """Spoken with at night, to be rung again by day; nobody has taken that yet."""
    what = matter(world, code)
    what = Matter(what.category, what.topic, what.asked, question)
    guest = Guest.new(world.crowd.person(CallerKind.WORKER, "site"), at)
    story, operator = Story(world, guest, at), world.operator_at(at)
    call = story.rings(at, by=operator, lasts=timedelta(minutes=34))
    story.describe(call["ended_at"] - MINUTE, operator, what.category, what.question)
    story.ticket.values |= {"urgency": urgency, "owner_id": None}
    due_at = deadlines.tell_due(call["ended_at"])
    if due_at < world.start + timedelta(hours=1):
        due_at = world.waking_hour(world.start + timedelta(hours=3))
        due_at = max(due_at, world.start + timedelta(minutes=50))
    story.promise(CallbackKind.TELL, call["ended_at"], due_at)
    story.tell()
