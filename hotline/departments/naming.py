"""What departments and categories have in common: a code, a name in both languages, one turn."""

import re
from typing import Protocol, TypeVar

from sqlalchemy import select

from hotline.errors import Invalid
from hotline.i18n import N_
from models import Category, Department, db

TURN = "departments and categories"
CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")
Named = TypeVar("Named", Department, Category)


class Names(Protocol):
    """What an administrator writes down to call something by."""

    @property
    def code(self) -> str: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def name_en(self) -> str: ...


def check(names: Names, kind: type[Named], row: Named | None) -> None:
    """Raise Invalid, naming the field, unless `row`, or a new one, may be called by these names."""
    if not CODE.fullmatch(names.code):
        raise Invalid(N_("Small letters, digits and underscores, please."), field="code")
    same = db.session.scalar(select(kind).where(kind.code == names.code))
    if same is not None and same is not row:
        raise Invalid(N_("Another one has this code."), field="code")
    if not names.name_zh:
        raise Invalid(N_("Write the name in Chinese."), field="name_zh")
    if not names.name_en:
        raise Invalid(N_("Write the name in English."), field="name_en")


def write(names: Names, row: Department | Category) -> None:
    """Let `row` be called by these names."""
    row.code, row.name_zh, row.name_en = names.code, names.name_zh, names.name_en


def described(row: Department | Category) -> dict[str, object]:
    """Every column of `row`, to be compared with what it is later."""
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
