"""What departments and categories have in common: a code, a name in both languages, one turn."""

import re
from typing import Protocol, TypeVar

from sqlalchemy import select

from hotline.i18n import N_
from hotline.refusals import Refusals, given
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
    """Raise Invalid, or Several, unless `row`, or a new one, may be called by these names."""
    same = db.session.scalar(select(kind).where(kind.code == names.code))
    with Refusals() as wrong:
        if not CODE.fullmatch(names.code):
            wrong.refuse(N_("Small letters, digits and underscores, please."), field="code")
        if same is not None and same is not row:
            wrong.refuse(N_("Another one has this code."), field="code")
        wrong.read(given, names.name_zh, N_("Write the name in Chinese."), "name_zh")
        wrong.read(given, names.name_en, N_("Write the name in English."), "name_en")


def write(names: Names, row: Department | Category) -> None:
    """Let `row` be called by these names."""
    row.code, row.name_zh, row.name_en = names.code, names.name_zh, names.name_en


def described(row: Department | Category) -> dict[str, object]:
    """Every column of `row`, to be compared with what it is later."""
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
