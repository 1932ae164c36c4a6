"""Departments as the administrator keeps them: the tree, kinds, keepers."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.accounts import queries as accounts
from hotline.audit import service as audit
from hotline.departments import forms, queries, service
from hotline.error_pages import say
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.unit_of_work import unit_of_work
from models import Department, DepartmentKind

bp = Blueprint("departments", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/departments")
def index() -> ResponseReturnValue:
    """The tree, with who keeps what has no users."""
    return render_template("departments/departments.html", branches=queries.tree())


@bp.route("/departments/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    if request.method == "GET":
        return _form(None, {"is_active": "y", "position": 0})
    try:
        with unit_of_work():
            department = service.add_department(forms.department(request.form))
            _written("create_department", department)
    except Invalid as refusal:
        return _form(None, request.form, {refusal.field: say(refusal)}), 422
    flash(_("Saved."))
    return redirect(url_for("departments.index"), 303)


@bp.route("/departments/<int:department_id>", methods=["GET", "POST"])
def edit(department_id: int) -> ResponseReturnValue:
    department = queries.get_department(department_id)
    if request.method == "GET":
        return _form(department, _stored(department))
    try:
        with unit_of_work():
            department = queries.get_department(department_id)
            changed = service.change_department(department, forms.department(request.form))
            if changed:
                _written("change_department", department, changed=changed)
    except Invalid as refusal:
        department = queries.get_department(department_id)
        return _form(department, request.form, {refusal.field: say(refusal)}), 422
    flash(_("Saved."))
    return redirect(url_for("departments.index"), 303)


def _written(kind: str, department: Department, **data: Any) -> None:
    at = clock.now()
    audit.record(
        kind, actor=g.user, at=at, subject=department.name_zh, department=department.id, **data
    )


def _form(department: Department | None, typed: Any, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "departments/department.html",
        department=department,
        typed=typed,
        errors=errors or {},
        DepartmentKind=DepartmentKind,
        branches=[b for b in queries.tree() if department is None or b.department != department],
        keepers=accounts.who_may(Permission.WORK_QUEUE, Permission.SUPERVISE),
    )


def _stored(department: Department) -> dict[str, Any]:
    names = ("code", "name_zh", "name_en", "kind", "phone_number", "position", "is_active")
    stored = {name: getattr(department, name) for name in names}
    return stored | {"parent": department.parent_id or "", "keeper": department.keeper_id or ""}
