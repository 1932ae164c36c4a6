"""What tickets may be about: groups and leaves, found by pinyin initials."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline import turns
from hotline.departments import naming
from hotline.errors import Invalid
from hotline.i18n import N_
from models import Category, DemandKind, Department, Level, db

INITIALS_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class CategoryDetails:
    """What an administrator writes down about a category. No parent: it is a group of others."""

    code: str
    name_zh: str
    name_en: str
    initials: str
    demand_kind: DemandKind
    level: Level
    parent: Category | None = None
    lead_department: Department | None = None
    is_sensitive: bool = False
    is_confidential_by_default: bool = False
    position: int = 0
    is_active: bool = True


def initials_of(name: str) -> str:
    """The first letters of a Chinese name, as people type them: 拖欠工资 → tqgz."""
    from pypinyin import Style, lazy_pinyin  # 56 MB of dictionary, for what is rarely asked

    first_letters = lazy_pinyin(name, style=Style.FIRST_LETTER)
    letters = "".join(first_letters).lower()
    return "".join(c for c in letters if c.isascii() and c.isalnum())[:INITIALS_LENGTH]


def add_category(details: CategoryDetails) -> Category:
    """A new category; flushed. Raises Invalid, naming the field."""
    _take_turn(details)
    _check(details, None)
    category = Category()
    _write(category, details)
    db.session.add(category)
    db.session.flush()
    return category


def change_category(category: Category, details: CategoryDetails) -> list[str]:
    """Write down what is new; returns the names of the fields that changed. Raises Invalid."""
    _take_turn(details, category)
    _check(details, category)
    before = naming.described(category)
    _write(category, details)
    db.session.flush()
    return [name for name, value in naming.described(category).items() if value != before[name]]


def _take_turn(details: CategoryDetails, category: Category | None = None) -> None:
    """Nobody else changes the tree now; what the form chose is looked at anew."""
    turns.take(naming.TURN)
    for row in (category, details.parent, details.lead_department):
        if row is not None:
            db.session.refresh(row)


def _check(details: CategoryDetails, category: Category | None) -> None:
    naming.check(details, Category, category)
    if details.initials and not (details.initials.isascii() and details.initials.isalnum()):
        raise Invalid(N_("Letters and digits only."), field="initials")
    if details.lead_department is not None and not details.lead_department.is_active:
        raise Invalid(N_("This department is not active."), field="lead_department")
    _check_place(details, category)


def _check_place(details: CategoryDetails, category: Category | None) -> None:
    """Two levels: a group, and the leaves an operator picks."""
    if details.parent is None:
        return
    if details.parent.parent_id is not None or details.parent is category:
        raise Invalid(N_("Choose a group, not a category within one."), field="parent")
    if category is None:
        return
    children = select(Category.id).where(Category.parent_id == category.id)
    if db.session.scalar(children.limit(1)) is not None:
        raise Invalid(N_("This group has categories of its own."), field="parent")


def _write(category: Category, details: CategoryDetails) -> None:
    naming.write(details, category)
    category.initials = details.initials.lower() or initials_of(details.name_zh)
    category.parent_id = details.parent.id if details.parent else None
    lead = details.lead_department
    category.lead_department_id = lead.id if lead else None
    category.demand_kind, category.level = details.demand_kind, details.level
    category.is_sensitive, category.is_active = details.is_sensitive, details.is_active
    category.is_confidential_by_default = details.is_confidential_by_default
    category.position = details.position
