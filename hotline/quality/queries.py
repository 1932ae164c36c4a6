"""Reading inspections through the viewer's eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from hotline import access, turns
from hotline.errors import NotFound
from hotline.permissions import Permission, has
from hotline.quality import conflicts, parts
from models import (
    Callback,
    Caller,
    Decision,
    Feedback,
    Inspection,
    InspectionEvent,
    Sample,
    SampleStratum,
    Ticket,
    TicketStatus,
    User,
    Work,
    db,
)

PAGE = 50


class State(StrEnum):
    """How far an inspection has come."""

    TO_SCORE = "to_score"
    SCORED = "scored"
    PASSED = "passed"
    FAILED = "failed"
    APPEALED = "appealed"
    UNDECIDED = "undecided"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which inspections; everything may be left open."""

    work: Work | None = None
    state: State | None = None
    sample_id: int | None = None
    person_id: int | None = None
    department_id: int | None = None
    since: datetime | None = None  # when the work was done
    until: datetime | None = None
    total: int | None = None


STATES: dict[State, ColumnElement[bool]] = {
    State.TO_SCORE: Inspection.scored_at.is_(None),
    State.SCORED: Inspection.scored_at.is_not(None),
    State.PASSED: and_(Inspection.scored_at.is_not(None), Inspection.is_passed),
    State.FAILED: and_(Inspection.scored_at.is_not(None), ~Inspection.is_passed),
    State.APPEALED: Inspection.appealed_at.is_not(None),
    State.UNDECIDED: and_(Inspection.appealed_at.is_not(None), Inspection.decided_at.is_(None)),
    State.CHANGED: Inspection.decision == Decision.CHANGED,
}


def visible(user: User) -> ColumnElement[bool]:
    """The condition on `Inspection`, joined with `Ticket`, for what `user` may read.

    Reviewers and supervisors read all of them, but of their own work what was scored only. Whose
    work it is reads it once it is scored, a head what the department answered; nobody else, and
    nobody a sheet about a ticket that is closed to them.
    """
    is_scored = Inspection.scored_at.is_not(None)
    own = and_(Inspection.person_id == user.id, is_scored)
    if has(user, Permission.REVIEW):
        return and_(access.visible(user), or_(Inspection.person_id != user.id, is_scored))
    heads: ColumnElement[bool] = false()
    if has(user, Permission.ASSIGN):
        heads = and_(
            Inspection.work == Work.ANSWER,
            Inspection.department_id.in_(access.departments_of(user)),
            is_scored,
        )
    return and_(access.visible(user), or_(own, heads))


def get(inspection_id: int, *, viewer: User) -> Inspection:
    """The inspection with this id. Raises NotFound when there is none, or none for `viewer`.

    A unit of work holds its ticket: a caller who is told at the same moment waits, or was first.
    """
    ticket_id = select(Inspection.ticket_id).where(Inspection.id == inspection_id)
    turns.hold(Ticket.id == ticket_id.scalar_subquery())
    found = (
        readable(viewer)
        .where(Inspection.id == inspection_id)
        .options(
            joinedload(Inspection.sheet),
            joinedload(Inspection.sample),
            selectinload(Inspection.events).joinedload(InspectionEvent.actor),
            contains_eager(Inspection.ticket).joinedload(Ticket.caller).joinedload(Caller.numbers),
        )
    )
    inspection = db.session.scalars(turns.anew(found)).unique().one_or_none()
    if inspection is None:
        raise NotFound
    return inspection


def page_of(
    wanted: Wanted, *, viewer: User, after: int | None = None
) -> tuple[Sequence[Inspection], int | None]:
    """A page of inspections, the latest first, and the id after which the next page begins."""
    found = readable(viewer).where(*_conditions(wanted)).order_by(Inspection.id.desc())
    if after is not None:
        found = found.where(Inspection.id < after)
    rows = db.session.scalars(found.limit(PAGE + 1)).unique().all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def ids_of(wanted: Wanted, *, viewer: User) -> Select[tuple[int]]:
    """The keys of all the pages, in their order."""
    found = select(Inspection.id).join(Inspection.ticket)
    return found.where(visible(viewer), *_conditions(wanted)).order_by(Inspection.id.desc())


def scored_of(viewer: User, after: int | None = None) -> tuple[Sequence[Inspection], int | None]:
    """What of the own work was scored."""
    return page_of(Wanted(person_id=viewer.id, state=State.SCORED), viewer=viewer, after=after)


def scored_in_departments(viewer: User) -> Sequence[Inspection]:
    """What of the answers of the viewer's departments was scored, as far as a head may read it."""
    if not has(viewer, Permission.ASSIGN) or has(viewer, Permission.REVIEW):
        return []
    found = readable(viewer).where(
        Inspection.work == Work.ANSWER,
        Inspection.department_id.in_(access.departments_of(viewer)),
        Inspection.person_id != viewer.id,
    )
    return db.session.scalars(found.order_by(Inspection.id.desc()).limit(PAGE)).unique().all()


def given_to(inspector: User) -> Sequence[Inspection]:
    """What `inspector` has to score: answers that nobody was told yet first, the oldest first."""
    found = readable(inspector).where(
        Inspection.inspector_id == inspector.id, Inspection.scored_at.is_(None)
    )
    rows = db.session.scalars(found.order_by(Inspection.id)).unique().all()
    return sorted(rows, key=lambda one: not is_before_the_callback(one))


def nobodys(viewer: User) -> Sequence[Inspection]:
    """What nobody was free to inspect, or was given to somebody who has left."""
    has_left = Inspection.inspector_id.in_(select(User.id).where(~User.is_active))
    found = readable(viewer).where(
        or_(Inspection.inspector_id.is_(None), has_left), Inspection.scored_at.is_(None)
    )
    return db.session.scalars(found.order_by(Inspection.id).limit(PAGE)).unique().all()


def appeals_waiting(viewer: User) -> tuple[list[Inspection], list[Inspection]]:
    """The appeals that wait for `viewer`, and those that nobody here may decide; the oldest first.

    Nobody decides about what they scored, or about a ticket in which they had a part.
    """
    found = readable(viewer).where(STATES[State.UNDECIDED]).order_by(Inspection.appealed_at)
    rows = db.session.scalars(found).unique().all()
    if not rows:
        return [], []
    kept = conflicts.kept_from_deciding(rows)
    people = {user.id for group in conflicts.inspectors() for user in group}
    mine = [one for one in rows if viewer.id not in kept[one.id]]
    return mine, [one for one in rows if not people - kept[one.id]]


def is_before_the_callback(inspection: Inspection) -> bool:
    """Whether the answer may still be sent back before the caller is told."""
    is_answered = inspection.ticket.status is TicketStatus.ANSWERED
    return inspection.work is Work.ANSWER and is_answered


def was_rung_in_vain(inspection: Inspection) -> bool:
    """Whether it is about rings by which nobody was told."""
    ticket = inspection.ticket
    if inspection.work is not Work.CALLBACK or ticket.closed_at != inspection.work_at:
        return False
    proof = db.session.get(Feedback, ticket.closing_feedback_id)
    return proof is not None and proof.how in parts.IN_VAIN


def callbacks_due(inspections: Sequence[Inspection]) -> dict[int, datetime]:
    """Until when the callers of these tickets are to be rung, by the id of the ticket."""
    ids = [one.ticket_id for one in inspections]
    found = select(Callback.ticket_id, Callback.due_at).where(
        Callback.ticket_id.in_(ids), Callback.ended_at.is_(None)
    )
    return dict(db.session.execute(found.order_by(Callback.due_at.desc())).tuples().all())


def samples(before: int | None = None) -> tuple[Sequence[Sample], int | None]:
    """A page of samples, the latest first, and the id before which the next page begins."""
    found = select(Sample).options(
        selectinload(Sample.strata), joinedload(Sample.drawn_by).lazyload(User.role_rows)
    )
    if before is not None:
        found = found.where(Sample.id < before)
    rows = db.session.scalars(found.order_by(Sample.id.desc()).limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def sample(sample_id: int) -> Sample:
    """The sample with this id, with its strata. Raises NotFound."""
    found = (
        select(Sample)
        .where(Sample.id == sample_id)
        .options(
            joinedload(Sample.drawn_by).lazyload(User.role_rows),
            selectinload(Sample.strata).options(
                joinedload(SampleStratum.operator).lazyload(User.role_rows),
                joinedload(SampleStratum.department),
            ),
        )
    )
    row = db.session.scalar(found)
    if row is None:
        raise NotFound
    return row


def readable(viewer: User) -> Select[tuple[Inspection]]:
    """The sheets that `viewer` may read, with what a list says of each."""
    return (
        select(Inspection)
        .join(Inspection.ticket)
        .where(visible(viewer))
        .options(
            contains_eager(Inspection.ticket),
            joinedload(Inspection.person).lazyload(User.role_rows),
            joinedload(Inspection.inspector).lazyload(User.role_rows),
            joinedload(Inspection.scored_by).lazyload(User.role_rows),
            joinedload(Inspection.department),
        )
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(STATES[wanted.state])
    if wanted.work is not None:
        found.append(Inspection.work == wanted.work)
    if wanted.since is not None:
        found.append(Inspection.work_at >= wanted.since)
    if wanted.until is not None:
        found.append(Inspection.work_at < wanted.until)
    for column, value in (
        (Inspection.sample_id, wanted.sample_id),
        (Inspection.person_id, wanted.person_id),
        (Inspection.department_id, wanted.department_id),
        (Inspection.total, wanted.total),
    ):
        if value is not None:
            found.append(column == value)
    return found
