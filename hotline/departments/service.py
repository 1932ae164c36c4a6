"""The departments that answer: a tree, with keepers for units without users."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline import turns
from hotline.departments import naming
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import Category, Department, DepartmentKind, Handoff, User, db


@dataclass(frozen=True, kw_only=True)
class DepartmentDetails:
    """What an administrator writes down about a department."""

    code: str
    name_zh: str
    name_en: str
    kind: DepartmentKind
    parent: Department | None = None
    keeper: User | None = None
    phone_number: str = ""
    position: int = 0
    is_active: bool = True


def add_department(details: DepartmentDetails) -> Department:
    """A new department; flushed. Raises Invalid, naming the field."""
    turns.take(naming.TURN)
    _check(details, None)
    department = Department()
    _write(department, details)
    db.session.add(department)
    db.session.flush()
    return department


def change_department(department: Department, details: DepartmentDetails) -> list[str]:
    """Write down what is new; returns the names of the fields that changed.

    Raises Invalid, naming the field: a circle in the tree, or retiring what is still needed.
    """
    turns.take(naming.TURN)
    db.session.refresh(department, with_for_update=True)
    _check(details, department)
    if department.is_active and not details.is_active:
        _check_not_needed(department)
    before = naming.described(department)
    _write(department, details)
    db.session.flush()
    return [name for name, value in naming.described(department).items() if value != before[name]]


def _check(details: DepartmentDetails, department: Department | None) -> None:
    naming.check(details, Department, department)
    if details.keeper is not None and not may_keep(details.keeper):
        raise Invalid(N_("A keeper works in a department or supervises."), field="keeper")
    if department is not None and details.parent is not None:
        _check_no_circle(department, details.parent)


def _check_no_circle(department: Department, parent: Department) -> None:
    edges = db.session.execute(select(Department.id, Department.parent_id)).tuples()
    parents: dict[int, int | None] = dict(edges.all())
    above: int | None = parent.id
    while above is not None:
        if above == department.id:
            raise Invalid(N_("A department cannot belong to itself."), field="parent")
        above = parents[above]


def hold(department: Department) -> None:
    """Look at `department` anew, and let nobody retire it before this transaction ends."""
    db.session.refresh(department, with_for_update={"read": True})


def may_keep(user: User) -> bool:
    """Whether `user` may act for a unit without users (代办人)."""
    return has(user, Permission.WORK_QUEUE, Permission.SUPERVISE)


def _check_not_needed(department: Department) -> None:
    """Nobody retires a department with work on the table, or one that new work is led to."""
    at_work = select(Handoff.id).where(
        Handoff.department_id == department.id, Handoff.ended_at.is_(None)
    )
    if db.session.scalar(at_work.limit(1)) is not None:
        sentence = N_("Tickets are still waiting there: recall or finish them first.")
        raise Invalid(sentence, field="is_active")
    led = select(Category.id).where(
        Category.lead_department_id == department.id, Category.is_active
    )
    if db.session.scalar(led.limit(1)) is not None:
        sentence = N_("Categories still lead there: give them to another department first.")
        raise Invalid(sentence, field="is_active")


def _write(department: Department, details: DepartmentDetails) -> None:
    naming.write(details, department)
    department.kind = details.kind
    department.parent_id = details.parent.id if details.parent else None
    department.keeper_id = details.keeper.id if details.keeper else None
    department.phone_number = details.phone_number
    department.position, department.is_active = details.position, details.is_active
