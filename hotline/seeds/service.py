"""Planting the starter data: what is missing is added, what stands is left as it is."""

from datetime import datetime

from sqlalchemy import select

from hotline.audit import service as audit
from hotline.seeds.categories import GROUPS, Group, Leaf
from hotline.seeds.departments import DEPARTMENTS, DepartmentSeed
from models import Category, DemandKind, Department, Level, db


def plant(at: datetime) -> int:
    """Add the departments and categories that are missing; return how many.

    Known by their code, so what an administrator renamed or retired stays so. Safe to repeat.
    """
    departments = {one.code: one for one in db.session.scalars(select(Department))}
    categories = {one.code: one for one in db.session.scalars(select(Category))}
    before = len(departments) + len(categories)
    for position, seed in enumerate(DEPARTMENTS, start=1):
        if seed.code not in departments:
            departments[seed.code] = _department(seed, position, departments)
    for position, group in enumerate(GROUPS, start=1):
        _plant_group(group, position * 100, departments, categories)
    db.session.flush()
    planted = len(departments) + len(categories) - before
    if planted:
        audit.record("plant", actor=None, at=at, planted=planted)
    return planted


def _department(seed: DepartmentSeed, position: int, known: dict[str, Department]) -> Department:
    department = Department(
        code=seed.code,
        name_zh=seed.name_zh,
        name_en=seed.name_en,
        kind=seed.kind,
        parent=known[seed.parent] if seed.parent else None,
        position=position,
    )
    db.session.add(department)
    return department


def _plant_group(
    group: Group, position: int, departments: dict[str, Department], known: dict[str, Category]
) -> None:
    lead = departments[group.lead]
    if group.code not in known:
        known[group.code] = Category(
            code=group.code,
            name_zh=group.name_zh,
            name_en=group.name_en,
            initials=group.initials,
            lead_department=lead,
            demand_kind=DemandKind.CONSULTATION,
            level=Level.ORDINARY,
            position=position,
        )
        db.session.add(known[group.code])
    for place, leaf in enumerate(group.leaves, start=1):
        if leaf.code not in known:
            known[leaf.code] = _category(leaf, known[group.code], lead, position + place)


def _category(leaf: Leaf, parent: Category, lead: Department, position: int) -> Category:
    category = Category(
        code=leaf.code,
        name_zh=leaf.name_zh,
        name_en=leaf.name_en,
        initials=leaf.initials,
        parent=parent,
        lead_department=lead,
        demand_kind=leaf.demand_kind,
        level=leaf.level,
        is_sensitive=leaf.is_sensitive,
        is_confidential_by_default=leaf.is_confidential_by_default,
        position=position,
    )
    db.session.add(category)
    return category
