"""What the stories of all tickets share: the house, its hours and limits, the rows so far."""

from bisect import bisect
from collections import deque
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from bench import seconds
from bench.house import House
from bench.seconds import DAY, Hours
from bench.tables import Book
from bench.words import Matters
from hotline.demo import people
from hotline.demo.places import EMPLOYERS
from hotline.sla import limits, policies
from hotline.sla.business_time import BusinessCalendar
from hotline.sla.limits import Limit
from hotline.sla.policy_table import POLICIES, Unit
from hotline.tickets.search import fold, tokens
from models import CallerKind, Level, NumberKind, Urgency, WorkerGroup

NUMBER_OF_NOBODY = "+861349{:07d}"  # as in hotline.demo.people
NUMBERS = 10_000_000
STEP = 7919  # shares no factor with NUMBERS: no two callers have one number
KINDS = (
    (CallerKind.WORKER, 74),
    (CallerKind.EMPLOYER, 8),
    (CallerKind.GRASSROOTS_UNION, 5),
    (CallerKind.FAMILY, 7),
    (CallerKind.OTHER_BODY, 2),
    (CallerKind.UNKNOWN, 4),
)
KIND_BOUNDS = list(accumulate(weight for _, weight in KINDS))
COMES_AGAIN = 0.35
MEMORY = 60_000  # about how many callers back somebody who rings again first rang


class NotYet(Exception):
    """What would come next lies after the end of the story."""


@dataclass(frozen=True)
class Guest:
    """Who rings; everything follows from the id, so that nobody has to be remembered."""

    id: int
    number: str

    @classmethod
    def known_as(cls, caller_id: int) -> "Guest":
        withheld = caller_id % 23 == 0
        return cls(
            caller_id, "" if withheld else NUMBER_OF_NOBODY.format(caller_id * STEP % NUMBERS)
        )


@dataclass(frozen=True)
class Policies:
    """Limits and numbers that an administrator may set, read once."""

    to_handle: dict[tuple[Level, Urgency], Limit]
    rework: Limit
    spans: dict[str, int]
    days: dict[str, int]

    @classmethod
    def read(cls) -> "Policies":
        in_seconds = (Unit.WORKING_MINUTES, Unit.MINUTES, Unit.SECONDS, Unit.DAYS)
        return cls(
            {(lv, urgency): limits.to_handle(lv, urgency) for lv in Level for urgency in Urgency},
            limits.of("rework_days"),
            {
                key: round(policies.span(key).total_seconds())
                for key, policy in POLICIES.items()
                if policy.unit in in_seconds
            },
            {key: policies.get(key) for key in POLICIES},
        )


@dataclass
class World:
    """Everything a story needs; nothing happens after `end`."""

    rng: Random
    end: int
    house: House
    hours: Hours
    calendar: BusinessCalendar
    policies: Policies
    matters: Matters
    book: Book = field(default_factory=Book)
    numbers_of_day: dict[str, int] = field(default_factory=dict)
    # Handed-off tickets of late, with their callers.
    lately: deque[tuple[int, Guest]] = field(default_factory=lambda: deque(maxlen=300))
    talking: dict[int, tuple[int, int]] = field(default_factory=dict)  # since when, on which call
    collective: list[int] = field(default_factory=lambda: [0, 0])  # its id, and how many to come
    employers: list[str] = field(
        default_factory=lambda: [one for names in EMPLOYERS.values() for one in names]
    )

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def within(self, least: int, most: int) -> int:
        return least + int(self.rng.random() * (most - least))

    def operator_at(self, at: int) -> int:
        crew = self.house.crew(at)
        return crew[int(self.rng.random() * len(crew))]

    def supervisor(self, at: int, *, but: int | None = None) -> int:
        """Who decides today, and never about the own act."""
        supervisors = [one for one in self.house.supervisors if one != but]
        return supervisors[at // DAY % len(supervisors)]

    def office_time(self, at: int, least: int, most: int) -> int:
        """Some working time after `at`."""
        return self.hours.add(at, self.within(least, most))

    def due(self, at: int, limit: Limit) -> int:
        """When `limit` is over that began `at`."""
        if limit.unit is Unit.WORKING_DAYS:
            return self.hours.after_days(at, limit.amount)
        if limit.unit is Unit.WORKING_MINUTES:
            return self.hours.add(at, limit.amount * 60)
        return at + limit.amount * 60

    def make_findable(self) -> None:
        """The words of the tickets that are not written yet, as search.index would keep them."""
        for ticket in self.book.tickets.waiting:
            words = [ticket["number"], ticket.get("question", "")]
            body = fold("\n".join(words))
            self.book.documents.add(
                ticket_id=ticket["id"], body=body, tokens=" ".join(tokens(body))
            )

    def number_ticket(self, at: int) -> str:
        day = f"{seconds.local_day(at):%Y%m%d}"
        number = self.numbers_of_day[day] = self.numbers_of_day.get(day, 0) + 1
        return f"{day}-{number:04d}"

    def guest(self, at: int, kind: CallerKind) -> Guest:
        """Who rings now: somebody new, or somebody who has rung before."""
        callers = self.book.callers
        if callers.count > 100 and self.chance(COMES_AGAIN):
            back = int(self.rng.expovariate(1 / min(MEMORY, callers.count / 3)))
            if 0 < callers.count - back:
                known = Guest.known_as(callers.count - back)
                if known.number:
                    return known
        return self._new_guest(at, kind)

    def _new_guest(self, at: int, kind: CallerKind) -> Guest:
        rng = self.rng
        if kind is CallerKind.WORKER:
            kind = KINDS[bisect(KIND_BOUNDS, rng.random() * KIND_BOUNDS[-1])][0]
        groups = tuple(WorkerGroup)
        is_of_a_group = kind is CallerKind.WORKER and self.chance(0.3)
        row = self.book.callers.add(
            name=people.a_name(rng, (people.MALE, people.FEMALE)),
            kind=kind,
            worker_group=groups[self.within(1, len(groups))] if is_of_a_group else groups[0],
            employer=self.employers[int(rng.random() ** 2 * len(self.employers))],
            is_member=(True, True, False, None)[int(rng.random() * 4)],
            created_at=at,
        )
        guest = Guest.known_as(row["id"])
        if guest.number:
            self.book.numbers.add(caller_id=guest.id, number=guest.number, kind=NumberKind.MOBILE)
        return guest
