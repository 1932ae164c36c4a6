"""What an administrator types about departments and categories, read into typed values."""

from hotline.departments.categories import CategoryDetails
from hotline.departments.service import DepartmentDetails
from hotline.errors import Invalid
from hotline.fields import Typed, one_of, row_or_none, short
from hotline.i18n import N_
from hotline.refusals import Refusals
from models import Category, DemandKind, Department, DepartmentKind, Level, User

LENGTHS = {"code": 32, "name_zh": 64, "name_en": 128, "initials": 32, "phone_number": 32}
LAST_POSITION = 9999


def department(typed: Typed) -> DepartmentDetails:
    """Raises Invalid, or Several, naming every wrong field."""
    with Refusals() as wrong:
        return DepartmentDetails(
            code=wrong.read(_text, typed, "code"),
            name_zh=wrong.read(_text, typed, "name_zh"),
            name_en=wrong.read(_text, typed, "name_en"),
            kind=wrong.read(one_of, DepartmentKind, typed, "kind"),
            parent=wrong.read(row_or_none, Department, typed, "parent"),
            keeper=wrong.read(row_or_none, User, typed, "keeper"),
            phone_number=wrong.read(_text, typed, "phone_number"),
            position=wrong.read(_position, typed),
            is_active="is_active" in typed,
        )


def category(typed: Typed) -> CategoryDetails:
    """Raises Invalid, or Several, naming every wrong field."""
    with Refusals() as wrong:
        return CategoryDetails(
            code=wrong.read(_text, typed, "code"),
            name_zh=wrong.read(_text, typed, "name_zh"),
            name_en=wrong.read(_text, typed, "name_en"),
            initials=wrong.read(_text, typed, "initials"),
            demand_kind=wrong.read(one_of, DemandKind, typed, "demand_kind"),
            level=wrong.read(one_of, Level, typed, "level"),
            parent=wrong.read(row_or_none, Category, typed, "parent"),
            lead_department=wrong.read(row_or_none, Department, typed, "lead_department"),
            is_sensitive="is_sensitive" in typed,
            is_confidential_by_default="is_confidential_by_default" in typed,
            position=wrong.read(_position, typed),
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
