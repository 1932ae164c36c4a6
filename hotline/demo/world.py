"""What the stories of the demo share: the house, its people and its hours."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.demo.book import Book, Row
from hotline.demo.matters import WOMEN, Deck, Matter
from hotline.demo.people import ZONE, Crowd, Person
from hotline.demo.staff import COLLEAGUES, Roster
from hotline.sla import business_time
from models import Caller, CallerNumber, Category, Department, NumberKind, User, db


@dataclass
class Guest:
    """Somebody who rings, and the rows that are not in the book yet."""

    person: Person
    caller: Row
    rows: list[Row]

    @classmethod
    def new(cls, person: Person, at: datetime) -> "Guest":
        caller = Row(
            Caller,
            {
                "name": person.name,
                "kind": person.kind,
                "worker_group": person.group,
                "employer": person.employer,
                "is_member": person.is_member,
                "created_at": at,
            },
        )
        rows = [caller]
        if person.number:
            number = {"caller_id": caller, "number": person.number, "kind": NumberKind.MOBILE}
            rows.append(Row(CallerNumber, number))
        return cls(person, caller, rows)


@dataclass
class World:
    """Everything a story needs; `start` is the moment at which the demo begins."""

    start: datetime
    rng: Random
    book: Book = field(default_factory=Book)

    def __post_init__(self) -> None:
        self.start = self.start.replace(microsecond=0)
        self.crowd = Crowd(self.rng)
        self.known: list[Guest] = []
        self.roster = Roster(self.start)
        self.users = {user.username: user for user in db.session.scalars(select(User))}
        self.departments = {one.code: one for one in db.session.scalars(select(Department))}
        self.categories = {one.code: one for one in db.session.scalars(select(Category))}
        self.deck = Deck(self.rng, self.categories)

    def user(self, username: str) -> User:
        return self.users[username]

    def user_of(self, user_id: int) -> User:
        return next(user for user in self.users.values() if user.id == user_id)

    def operator_at(self, at: datetime) -> User:
        """One of those on duty, who takes calls."""
        return self.user(self.rng.choice(self.roster.shift_at(at).crew))

    def handler_of(self, department: Department) -> User:
        """Who works a department's queue: its handlers, or the keeper of a unit without users."""
        names = [one.username for one in COLLEAGUES if one.department == department.code]
        if department.code == "hotline":
            names = ["sup"]
        if not names and department.keeper is not None:
            return department.keeper
        handlers = [name for name in names if not name.endswith(".head")]
        return self.user(self.rng.choice(handlers))

    def guest(self, matter: Matter, at: datetime, *, has_number: bool = True) -> "Guest":
        """Who rings about `matter`: one in six has rung before."""
        kind, is_woman = matter.asked.who, matter.category.code in WOMEN
        known = [one for one in self.known[-400:] if one.person.kind is kind and one.person.number]
        if known and has_number and not is_woman and self.one_in(6):
            return self.rng.choice(known)
        person = self.crowd.person(
            kind, matter.topic.trade, has_number=has_number, is_woman=is_woman
        )
        return Guest.new(person, at)

    def welcome(self, guest: "Guest") -> None:
        """Put a caller into the book, once."""
        if guest.rows:
            self.known.append(guest)
        while guest.rows:
            self.book.add(guest.rows.pop(0))

    def office_time(self, at: datetime, least: timedelta, most: timedelta) -> datetime:
        """Some working time after `at`, in the hours of the house."""
        amount = least + (most - least) * self.rng.random()
        later = business_time.add(at, amount, calendars.calendar_for(None))
        return later.replace(microsecond=0)

    def working_day(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """A time of day on the working day `days_ago` working days before the demo starts."""
        calendar = calendars.calendar_for(None)
        day = self.start.astimezone(ZONE).date()
        left = days_ago
        while left:
            day -= timedelta(days=1)
            left -= bool(calendar.day(day).intervals)
        return datetime.combine(day, time(hour, minute), ZONE) + self.seconds(0, 600)

    def latest_office_hour(self) -> datetime:
        """Half an hour ago in office hours, else towards the end of the last working day."""
        calendar, recent = calendars.calendar_for(None), self.start - self.minutes(28, 55)
        if business_time.is_open(recent, calendar):
            return recent
        today = self.working_day(0, 16, 20)
        worked = calendar.day(today.date()).intervals
        return today if worked and today < recent else self.working_day(1, 16, 20)

    def waking_hour(self, at: datetime) -> datetime:
        """`at`, or half past eight on the evening before where it lies in the night."""
        local = at.astimezone(ZONE)
        if 8 <= local.hour < 21:
            return at
        evening = local.replace(hour=20, minute=30)
        return evening if evening < local else evening - timedelta(days=1)

    def time_within(self, begin: datetime, end: datetime) -> datetime:
        """Some time of a stretch, before its end."""
        return (begin + (end - begin) * self.rng.random()).replace(microsecond=0)

    def seconds(self, least: int, most: int) -> timedelta:
        return timedelta(seconds=self.rng.randrange(least, most))

    def minutes(self, least: int, most: int) -> timedelta:
        return timedelta(seconds=self.rng.randrange(least * 60, most * 60))

    def one_in(self, many: float) -> bool:
        return self.rng.random() * many < 1

    def choice(self, options: Sequence[str]) -> str:
        return self.rng.choice(options)
