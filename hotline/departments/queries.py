"""Reading departments and categories: trees for pages, choices for forms, search by initials."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from hotline.errors import NotFound
from models import Category, Department, DepartmentKind, User, db

Thing = TypeVar("Thing", Department, Category)


@dataclass(frozen=True)
class Branch:
    """A department in its tree: how deep it hangs, and how many people work there."""

    department: Department
    depth: int
    staff: int


def get_department(department_id: int) -> Department:
    """The department with this id. Raises NotFound."""
    return _get(Department, department_id)


def get_category(category_id: int) -> Category:
    """The category with this id. Raises NotFound."""
    return _get(Category, category_id)


def by_id(typed: str) -> Department | None:
    """The active department that a form chose, or None."""
    is_number = typed.isascii() and typed.isdigit() and len(typed) < 10
    found = db.session.get(Department, int(typed)) if is_number else None
    return found if found is not None and found.is_active else None


def active_departments() -> list[Department]:
    """Every department that may be handed something, in the order of the tree."""
    return [department for department, _depth in _ordered() if department.is_active]


def tree() -> list[Branch]:
    """All departments, each above what belongs to it; outside bodies last."""
    staff = _staff()
    return [
        Branch(department, depth, staff.get(department.id, 0)) for department, depth in _ordered()
    ]


def groups() -> list[tuple[Category, list[Category]]]:
    """The active categories as operators choose them: groups with their leaves."""
    return [
        (group, [leaf for leaf in leaves if leaf.is_active])
        for group, leaves in all_groups()
        if group.is_active
    ]


def all_groups() -> list[tuple[Category, list[Category]]]:
    """Every category, retired ones too: groups with their leaves, in their order."""
    found = select(Category).order_by(Category.position, Category.id)
    children: dict[int | None, list[Category]] = defaultdict(list)
    for category in db.session.scalars(found):
        children[category.parent_id].append(category)
    return [(group, children[group.id]) for group in children[None]]


def _get(kind: type[Thing], row_id: int) -> Thing:
    row = db.session.get(kind, row_id)
    if row is None:
        raise NotFound
    return row


def _staff() -> dict[int, int]:
    """How many active people each department has."""
    staff: dict[int, int] = defaultdict(int)
    for department_id in db.session.scalars(select(User.department_id).where(User.is_active)):
        if department_id is not None:
            staff[department_id] += 1
    return staff


def _ordered() -> list[tuple[Department, int]]:
    """Every department below the one it belongs to, and how deep it hangs."""
    outside = Department.kind == DepartmentKind.EXTERNAL
    by_place = select(Department).order_by(outside, Department.position, Department.id)
    children: dict[int | None, list[Department]] = defaultdict(list)
    for department in db.session.scalars(by_place):
        children[department.parent_id].append(department)
    found: list[tuple[Department, int]] = []
    waiting = [(top, 0) for top in reversed(children[None])]
    while waiting:
        department, depth = waiting.pop()
        found.append((department, depth))
        waiting += [(child, depth + 1) for child in reversed(children[department.id])]
    return found
