"""What an administrator types about departments and categories, read into typed values."""

from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from hotline.departments.categories import CategoryDetails
from hotline.departments.service import DepartmentDetails
from hotline.errors import Invalid
from hotline.i18n import N_
from models import Category, DemandKind, Department, DepartmentKind, Level, User, db

Typed = MultiDict[str, str]
Word = TypeVar("Word", bound=StrEnum)
Row = TypeVar("Row", Department, Category, User)

LENGTHS = {"code": 32, "name_zh": 64, "name_en": 128, "initials": 32, "phone_number": 32}
LAST_POSITION = 9999


def department(typed: Typed) -> DepartmentDetails:
    """Raises Invalid, naming the field."""
    return DepartmentDetails(
        code=_text(typed, "code"),
        name_zh=_text(typed, "name_zh"),
        name_en=_text(typed, "name_en"),
        kind=_word(typed, "kind", DepartmentKind),
        parent=_row(typed, "parent", Department),
        keeper=_row(typed, "keeper", User),
        phone_number=_text(typed, "phone_number"),
        position=_position(typed),
        is_active="is_active" in typed,
    )


def category(typed: Typed) -> CategoryDetails:
    """Raises Invalid, naming the field."""
    return CategoryDetails(
        code=_text(typed, "code"),
        name_zh=_text(typed, "name_zh"),
        name_en=_text(typed, "name_en"),
        initials=_text(typed, "initials"),
        demand_kind=_word(typed, "demand_kind", DemandKind),
        level=_word(typed, "level", Level),
        parent=_row(typed, "parent", Category),
        lead_department=_row(typed, "lead_department", Department),
        is_sensitive="is_sensitive" in typed,
        position=_position(typed),
        is_active="is_active" in typed,
    )


def _text(typed: Typed, field: str) -> str:
    text = typed.get(field, "").strip()
    if len(text) > LENGTHS[field]:
        sentence = N_("At most %(most)d characters, please.")
        raise Invalid(sentence, field=field, most=LENGTHS[field])
    return text


def _word(typed: Typed, field: str, words: type[Word]) -> Word:
    try:
        return words(typed.get(field, ""))
    except ValueError as error:
        raise Invalid(N_("Choose one of the list."), field=field) from error


def _row(typed: Typed, field: str, kind: type[Row]) -> Row | None:
    chosen = typed.get(field, "")
    if not chosen:
        return None
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
    row = db.session.get(kind, int(chosen)) if is_number else None
    if row is None:
        raise Invalid(N_("Choose one of the list."), field=field)
    return row


def _position(typed: Typed) -> int:
    text = typed.get("position", "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) > LAST_POSITION:
        sentence = N_("A number from %(least)d to %(most)d, please.")
        raise Invalid(sentence, field="position", least=0, most=LAST_POSITION)
    return int(text)
