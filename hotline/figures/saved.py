"""Reports with a name: kept by who made them, sent by e-mail about the days that just ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.audit import service as audit
from hotline.calendars import queries as calendars
from hotline.calendars.chinese import ZONE
from hotline.errors import Invalid, NotFound
from hotline.figures import period as periods
from hotline.figures.period import Period
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.refusals import Refusals
from hotline.sla import business_time
from models import SavedReport, Schedule, User, db

MAY_READ = (Permission.SUPERVISE, Permission.REVIEW, Permission.ASSIGN)
MOST = 50  # of one person
LONGEST_NAME = 64


def save(
    name: str,
    asked: Mapping[str, str],
    *,
    schedule: Schedule,
    recipients: Sequence[User],
    actor: User,
    at: datetime,
) -> SavedReport:
    """Keep what was asked under a name. Raises Invalid, or Several, naming the fields.

    Who gets it must be allowed to read reports, and has an address; what it says is reckoned for
    each of them anew, so that nobody is sent what they may not see.
    """
    with Refusals() as wrong:
        if not name.strip():
            wrong.refuse(N_("Give it a name."), field="name")
        if len(name.strip()) > LONGEST_NAME:
            over = len(name.strip()) - LONGEST_NAME
            sentence = N_("Too long by %(over)d: at most %(most)d characters.")
            wrong.refuse(sentence, field="name", over=over, most=LONGEST_NAME)
        if schedule is not Schedule.NEVER and not recipients:
            wrong.refuse(N_("Say to whom it is sent."), field="recipients")
        if any(not person.email or not has(person, *MAY_READ) for person in recipients):
            wrong.refuse(
                N_("Only who may read reports and has an e-mail address can be sent one."),
                field="recipients",
            )
    if sum(one.owner_id == actor.id for one in of(actor)) >= MOST:
        raise Invalid(N_("Delete a saved report first: there are too many."), field="name")
    row = SavedReport(
        name=name.strip(),
        asked={key: value for key, value in asked.items() if value},
        schedule=schedule,
        recipients=list(recipients),
        owner_id=actor.id,
        created_at=at,
        sent_for=(last_over(schedule, at).name if schedule is not Schedule.NEVER else ""),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "save_report",
        actor=actor,
        at=at,
        subject=row.name,
        schedule=schedule.value,
        recipients=[person.username for person in recipients],
    )
    return row


def delete(report_id: int, *, actor: User, at: datetime) -> None:
    """Forget a saved report; it is sent no more. Only its owner may, or a supervisor: for others
    there is none. Raises NotFound."""
    row = next((one for one in of(actor) if one.id == report_id), None)
    if row is None:
        raise NotFound
    audit.record("delete_report", actor=actor, at=at, subject=row.name)
    db.session.delete(row)


def of(user: User) -> Sequence[SavedReport]:
    """The saved reports of one person; a supervisor sees those of everybody."""
    found = select(SavedReport).order_by(SavedReport.name, SavedReport.id)
    if not has(user, Permission.SUPERVISE):
        found = found.where(SavedReport.owner_id == user.id)
    return db.session.scalars(found).all()


def possible_recipients() -> list[User]:
    """Who may be sent a report."""
    people = db.session.scalars(select(User).where(User.is_active, User.email != ""))
    return sorted((one for one in people if has(one, *MAY_READ)), key=lambda one: one.display_name)


def due(at: datetime) -> list[int]:
    """The saved reports whose days are over and that were not sent yet, in working time only."""
    if not business_time.is_open(at, calendars.calendar_for(None)):
        return []
    found = select(SavedReport).where(SavedReport.schedule != Schedule.NEVER)
    return [
        row.id
        for row in db.session.scalars(found)
        if row.sent_for != last_over(row.schedule, at).name
    ]


def last_over(schedule: Schedule, at: datetime) -> Period:
    """The last week from Monday to Sunday, or the last reporting month, that is over at `at`."""
    today = at.astimezone(ZONE).date()
    if schedule is Schedule.WEEKLY:
        monday = today - timedelta(today.weekday() + 7)
        return Period(monday, monday + timedelta(6))
    return periods.month_of(today).before()
