"""Loading the demo: staff, roster, ninety days of tickets and some forty open ones, in one go."""

from collections import Counter as Tally
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import insert, select

from hotline.accounts import service as accounts
from hotline.accounts import setup_code
from hotline.calls import recordings
from hotline.demo import (
    cast_departments,
    cast_hotline,
    compared,
    history,
    hung,
    inspected,
    measured,
    nights,
    open_days,
    pressed,
    quiet,
    reporting,
    sheets,
    sound,
)
from hotline.demo.book import Book, Row
from hotline.demo.people import ZONE
from hotline.demo.staff import COLLEAGUES, PASSWORD, Roster
from hotline.demo.world import World
from hotline.seeds import service as seeds
from hotline.seeds.departments import DEPARTMENTS
from hotline.tickets import search
from models import (
    Category,
    Counter,
    Department,
    DutyShift,
    Handoff,
    Mark,
    Recording,
    SearchDocument,
    Ticket,
    User,
    db,
)

MARK = "demo_began"
ROSTER_REACH = timedelta(days=14)


def is_loaded() -> bool:
    """Whether this database holds the demo."""
    return db.session.get(Mark, MARK) is not None


def is_in_use() -> bool:
    """Whether this is somebody's own: printed passwords have no place beside real ones."""
    rows = (select(model.id).limit(1) for model in (User, Ticket))
    return setup_code.is_issued() or any(db.session.scalar(row) is not None for row in rows)


def seed(at: datetime, rng: Random, *, password_hash: str, sounds: Path) -> bool:
    """Load the demo as of `at`; False, and nothing is changed, where anybody or anything is.

    `password_hash` is for all logins, `sounds` the folder of the recordings.
    """
    if is_in_use():
        return False
    seeds.plant(at)
    _hire(at, password_hash)
    _put_on_duty(at)
    open_days.write(at)
    hung.write(at)
    world = World(at, rng)
    history.write(world)
    cast_hotline.write(world)
    cast_departments.write(world)
    nights.write(world)
    pressed.write(world)
    quiet.keep_quiet(world)
    measured.measure(world)
    _number(world.book)
    _store_sounds(world.book, sounds)
    world.book.write()
    _make_findable(world)
    compared.write(at)
    inspected.write(world)
    sheets.write(world)
    reporting.write(at)
    db.session.add(Mark(name=MARK, at=at))
    db.session.flush()
    return True


def logins() -> list[tuple[str, str, str]]:
    """Name, password and role of every demo login, as they are printed."""
    return [(one.username, PASSWORD, one.role.value) for one in COLLEAGUES]


def _hire(at: datetime, password_hash: str) -> None:
    """Everybody gets an account; units without users get the keeper the seeds name."""
    departments = {one.code: one for one in db.session.scalars(select(Department))}
    users: dict[str, User] = {}
    for one in COLLEAGUES:
        person = accounts.Person(
            display_name=one.name,
            roles=frozenset({one.role}),
            department=departments[one.department] if one.department else None,
        )
        users[one.username] = accounts.create_user(
            one.username, person, password_hash=password_hash, at=at, is_one_time=False
        )
    for unit in DEPARTMENTS:
        if unit.keeper:
            name = "sup" if unit.keeper == "hotline" else f"{unit.keeper}.head"
            departments[unit.code].keeper = users[name]


def _put_on_duty(at: datetime) -> None:
    """Two weeks of roster behind us, two before us; what is over was handed over."""
    users = {user.username: user for user in db.session.scalars(select(User))}
    for shift in Roster(at).around(at, ROSTER_REACH):
        for place, name in enumerate(shift.crew):
            row = DutyShift(
                user_id=users[name].id,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                is_leader=place == 0,
                handed_over_at=shift.ends_at if shift.ends_at <= at else None,
            )
            db.session.add(row)


def _number(book: Book) -> None:
    """Number the tickets of each day as they came, and let the next one follow."""
    counts: Tally[str] = Tally()
    for row in book.rows_of(Ticket):
        day = f"{row['opened_at'].astimezone(ZONE):%Y%m%d}"
        counts[day] += 1
        row["number"] = f"{day}-{counts[day]:04d}"
    rows = [{"name": f"tickets:{day}", "value": count} for day, count in counts.items()]
    db.session.execute(insert(Counter), rows)


def _store_sounds(book: Book, folder: Path) -> None:
    """Write the file behind every voicemail."""
    for row in book.rows[Recording]:
        copy = recordings.store(folder, sound.voicemail(), "audio/wav")
        row["file_name"] = copy.file_name


def _make_findable(world: World) -> None:
    """The words of every ticket, as search.index would keep them."""
    categories = {one.id: one for one in world.categories.values()}
    reports: dict[Row, list[str]] = {}
    for row in world.book.rows[Handoff]:
        words = [row.values.get("report", ""), row.values.get("answer", "")]
        reports.setdefault(row["ticket_id"], []).extend(words)
    documents = []
    for ticket in world.book.rows[Ticket]:
        category = categories.get(ticket.values.get("category_id", 0))
        body = search.fold("\n".join(filter(None, _words(ticket, category, reports))))
        tokens = " ".join(search.tokens(body))
        documents.append({"ticket_id": ticket.id, "body": body, "tokens": tokens})
    db.session.execute(insert(SearchDocument), documents)


def _words(ticket: Row, category: Category | None, reports: dict[Row, list[str]]) -> list[str]:
    caller: Row = ticket["caller_id"]
    open_to_all = not ticket.values.get("is_confidential")
    return [
        ticket["number"],
        ticket.values.get("outer_number", ""),
        ticket.values.get("question", ""),
        *((caller["name"], caller["employer"]) if open_to_all else ()),
        *((category.name_zh, category.name_en) if category else ()),
        *reports.get(ticket, []),
    ]
