"""What an administrator types about departments and categories, read into typed values."""

from hotline.departments.categories import CategoryDetails
from hotline.departments.service import DepartmentDetails
from hotline.errors import Invalid
from hotline.fields import Typed, one_of, row_or_none, short
from hotline.i18n import N_
from models import Category, DemandKind, Department, DepartmentKind, Level, User

LENGTHS = {"code": 32, "name_zh": 64, "name_en": 128, "initials": 32, "phone_number": 32}
LAST_POSITION = 9999


def department(typed: Typed) -> DepartmentDetails:
    """Raises Invalid, naming the field."""
    return DepartmentDetails(
        code=_text(typed, "code"),
        name_zh=_text(typed, "name_zh"),
        name_en=_text(typed, "name_en"),
        kind=one_of(DepartmentKind, typed, "kind"),
        parent=row_or_none(Department, typed, "parent"),
        keeper=row_or_none(User, typed, "keeper"),
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
        demand_kind=one_of(DemandKind, typed, "demand_kind"),
        level=one_of(Level, typed, "level"),
        parent=row_or_none(Category, typed, "parent"),
        lead_department=row_or_none(Department, typed, "lead_department"),
        is_sensitive="is_sensitive" in typed,
        position=_position(typed),
        is_active="is_active" in typed,
    )


def _text(typed: Typed, field: str) -> str:
    return short(typed, field, LENGTHS[field])


def _position(typed: Typed) -> int:
    text = typed.get("position", "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) > LAST_POSITION:
        sentence = N_("A number from %(least)d to %(most)d, please.")
        raise Invalid(sentence, field="position", least=0, most=LAST_POSITION)
    return int(text)
