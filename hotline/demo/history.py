"""Ninety days of a hotline: when people rang, and how each of their matters went."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from hotline.calendars import queries as calendars
from hotline.demo import courses, handed
from hotline.demo.matters import APART, Matter
from hotline.demo.people import ZONE
from hotline.demo.story import Story
from hotline.demo.texts import TOPICS
from hotline.demo.world import World
from models import Source, Ticket

DAYS = 90
TICKETS = 2460

# How many ring in each hour of a day.
HOURS = (4, 3, 2, 2, 2, 3, 6, 18, 50, 106, 112, 66, 42, 48, 98, 106, 68, 44, 28, 22, 18, 14, 10, 7)
WEEKDAYS = (1.5, 1.15, 1.05, 1.0, 0.95, 0.4, 0.35)  # Monday first
HOLIDAY = 0.3

Course = Callable[[World, datetime, Matter], Story | None]
WRITTEN = (Source.VISIT, Source.VISIT, Source.VISIT, Source.LETTER, Source.NET, Source.NET)
SENT = (Source.HOTLINE_12345, Source.HOTLINE_12345, Source.HOTLINE_12351, Source.VISIT, Source.NET)


def write(world: World) -> None:
    """Tell the past: every ticket of it is closed when the demo starts."""
    arrivals = _arrivals(world)
    plan = _plan(world, len(arrivals))
    for at, (course, needs_department) in zip(arrivals, plan, strict=True):
        matter = world.deck.for_a_department() if needs_department else world.deck.any()
        if course(world, at, matter) is None:
            # It would still be open: somebody with an easy question rang instead.
            courses.answered_directly(world, at, world.deck.any())
    _one_of_each(world)


def _arrivals(world: World) -> list[datetime]:
    """When people rang, the first one first."""
    first = (world.start - timedelta(days=DAYS)).astimezone(ZONE).date()
    hours = list(_hours(first))
    latest = world.start - timedelta(minutes=20)
    hours = [(begins, weight) for begins, weight in hours if begins < latest]
    drawn = world.rng.choices(
        [begins for begins, _ in hours], [weight for _, weight in hours], k=TICKETS
    )
    instants = (begins + world.seconds(0, 3600) for begins in drawn)
    return sorted(min(at, latest - world.seconds(1, 900)) for at in instants)


def _hours(first: date) -> Iterator[tuple[datetime, float]]:
    """Every hour from the first day on, with how much is rung in it."""
    calendar = calendars.calendar_for(None)
    for number in range(DAYS + 1):
        day = first + timedelta(days=number)
        works = bool(calendar.day(day).intervals)
        if works:
            weight = WEEKDAYS[day.weekday()] if day.weekday() < 5 else 1.0  # a make-up day
        else:
            weight = WEEKDAYS[day.weekday()] if day.weekday() >= 5 else HOLIDAY
        for hour, share in enumerate(HOURS):
            yield datetime.combine(day, time(hour), ZONE), weight * share


def _plan(world: World, count: int) -> list[tuple[Course, bool]]:
    """Which course each arrival takes, in shares of a thousand; the rest is answered at once."""
    shares: list[tuple[int, Course, bool]] = [
        (55, courses.rung_back, False),
        (38, courses.without_a_matter, False),
        (160, handed.through_a_department, True),
        (9, handed.withdrawn, True),
        (9, handed.merged, True),
        (5, handed.kept_for_the_caller, True),
        (4, handed.not_wanted, True),
        (3, courses.asked_again, False),
        *((9, _comes_by(source), False) for source in WRITTEN),
        *((7, _sent_by(source), True) for source in SENT),
    ]
    plan = [
        (course, needs)
        for share, course, needs in shares
        for _ in range(round(share * count / 1000))
    ]
    plan += [(courses.answered_directly, False)] * (count - len(plan))
    world.rng.shuffle(plan)
    return plan


def _comes_by(source: Source) -> Course:
    def course(world: World, at: datetime, matter: Matter) -> Story | None:
        return courses.answered_later(world, at, matter, source=source)

    return course


def _sent_by(source: Source) -> Course:
    def course(world: World, at: datetime, matter: Matter) -> Story | None:
        return handed.through_a_department(world, at, matter, source=source)

    return course


def _one_of_each(world: World) -> None:
    """Every category came up, and the emergency of last month."""
    used = {row.values.get("category_id") for row in world.book.rows[Ticket]}
    for code in TOPICS:
        category = world.categories[code]
        if code not in APART and category.id not in used:
            at = world.start - timedelta(days=world.rng.randrange(20, 80))
            handed.through_a_department(world, at, world.deck.of(code))
    for days in (29, 71):
        day = (world.start - timedelta(days=days)).astimezone(ZONE).date()
        at = datetime.combine(day, time(15, 12), ZONE)
        courses.emergency(world, at, world.deck.of("emergency"))
