"""Categories as the administrator keeps them: groups and leaves, initials, who leads."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.departments import categories, forms, queries
from hotline.departments.entry_pages import Entry
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.template_filters import name_of
from models import Category, DemandKind, Level

bp = Blueprint("categories", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/categories")
def index() -> ResponseReturnValue:
    """Groups with their leaves, retired ones too."""
    return render_template("departments/categories.html", groups=queries.all_groups())


@bp.route("/categories/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    parent = request.args.get("parent", "")
    return ENTRY.create({"is_active": "y", "position": 0, "parent": parent})


@bp.route("/categories/<int:category_id>", methods=["GET", "POST"])
def edit(category_id: int) -> ResponseReturnValue:
    return ENTRY.edit(category_id)


def _form(category: Category | None, typed: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    groups = [group for group, _leaves in queries.all_groups() if group != category]
    return render_template(
        "departments/category.html",
        category=category,
        typed=typed,
        errors=errors,
        DemandKind=DemandKind,
        Level=Level,
        groups=[(group.id, name_of(group)) for group in groups],
        departments=[(one.id, name_of(one)) for one in queries.active_departments()],
    )


def _stored(category: Category) -> dict[str, Any]:
    names = ("code", "name_zh", "name_en", "initials", "demand_kind", "level", "position")
    stored: dict[str, Any] = {name: getattr(category, name) for name in names}
    return stored | {
        "parent": category.parent_id or "",
        "lead_department": category.lead_department_id or "",
        "is_sensitive": category.is_sensitive,
        "is_confidential_by_default": category.is_confidential_by_default,
        "is_active": category.is_active,
    }


ENTRY = Entry(
    noun="category",
    list_of="categories.index",
    get=queries.get_category,
    read=forms.category,
    add=categories.add_category,
    change=categories.change_category,
    stored=_stored,
    form=_form,
    done=lambda row: _("Saved. Pinyin initials: %(initials)s", initials=row.initials),
)
