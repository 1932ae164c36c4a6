"""Categories as the administrator keeps them: groups and leaves, initials, who leads."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.audit import service as audit
from hotline.departments import categories, forms, queries
from hotline.error_pages import say
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.unit_of_work import unit_of_work
from models import Category, DemandKind, Level

bp = Blueprint("categories", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/categories")
def index() -> ResponseReturnValue:
    """Groups with their leaves, retired ones too."""
    return render_template("departments/categories.html", groups=queries.all_groups())


@bp.route("/categories/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    if request.method == "GET":
        parent = request.args.get("parent", "")
        return _form(None, {"is_active": "y", "position": 0, "parent": parent})
    try:
        with unit_of_work():
            category = categories.add_category(forms.category(request.form))
            _written("create_category", category)
    except Invalid as refusal:
        return _form(None, request.form, {refusal.field: say(refusal)}), 422
    flash(_("Saved. Pinyin initials: %(initials)s", initials=category.initials))
    return redirect(url_for("categories.index"), 303)


@bp.route("/categories/<int:category_id>", methods=["GET", "POST"])
def edit(category_id: int) -> ResponseReturnValue:
    category = queries.get_category(category_id)
    if request.method == "GET":
        return _form(category, _stored(category))
    try:
        with unit_of_work():
            category = queries.get_category(category_id)
            changed = categories.change_category(category, forms.category(request.form))
            if changed:
                _written("change_category", category, changed=changed)
    except Invalid as refusal:
        category = queries.get_category(category_id)
        return _form(category, request.form, {refusal.field: say(refusal)}), 422
    flash(_("Saved. Pinyin initials: %(initials)s", initials=category.initials))
    return redirect(url_for("categories.index"), 303)


def _written(kind: str, category: Category, **data: Any) -> None:
    at = clock.now()
    audit.record(kind, actor=g.user, at=at, subject=category.name_zh, category=category.id, **data)


def _form(category: Category | None, typed: Any, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "departments/category.html",
        category=category,
        typed=typed,
        errors=errors or {},
        DemandKind=DemandKind,
        Level=Level,
        groups=[group for group, _leaves in queries.all_groups() if group != category],
        departments=queries.active_departments(),
    )


def _stored(category: Category) -> dict[str, Any]:
    names = ("code", "name_zh", "name_en", "initials", "demand_kind", "level", "position")
    stored: dict[str, Any] = {name: getattr(category, name) for name in names}
    return stored | {
        "parent": category.parent_id or "",
        "lead_department": category.lead_department_id or "",
        "is_sensitive": category.is_sensitive,
        "is_active": category.is_active,
    }
