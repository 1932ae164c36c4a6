"""Departments as the administrator keeps them: the tree, kinds, keepers."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.accounts import queries as accounts
from hotline.departments import forms, queries, service
from hotline.departments.entry_pages import Entry
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.template_filters import name_of
from models import Department, DepartmentKind, User

INDENT = "　"

bp = Blueprint("departments", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/departments")
def index() -> ResponseReturnValue:
    """The tree, with who keeps what has no users."""
    return render_template("departments/departments.html", branches=queries.tree())


@bp.route("/departments/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    return ENTRY.create({"is_active": "y", "position": 0})


@bp.route("/departments/<int:department_id>", methods=["GET", "POST"])
def edit(department_id: int) -> ResponseReturnValue:
    return ENTRY.edit(department_id)


def _form(
    department: Department | None, typed: Mapping[str, Any], errors: Mapping[str, str]
) -> str:
    return render_template(
        "departments/department.html",
        department=department,
        typed=typed,
        errors=errors,
        DepartmentKind=DepartmentKind,
        parents=[
            (branch.department.id, INDENT * branch.depth + name_of(branch.department))
            for branch in queries.tree()
            if branch.department != department
        ],
        keepers=[
            (one.id, _named(one))
            for one in accounts.who_may(Permission.WORK_QUEUE, Permission.SUPERVISE)
        ],
    )


def _named(keeper: User) -> str:
    at = f" · {name_of(keeper.department)}" if keeper.department else ""
    return keeper.display_name + at


def _stored(department: Department) -> dict[str, Any]:
    names = ("code", "name_zh", "name_en", "kind", "phone_number", "position", "is_active")
    stored = {name: getattr(department, name) for name in names}
    return stored | {"parent": department.parent_id or "", "keeper": department.keeper_id or ""}


ENTRY = Entry(
    noun="department",
    list_of="departments.index",
    get=queries.get_department,
    read=forms.department,
    add=service.add_department,
    change=service.change_department,
    stored=_stored,
    form=_form,
    done=lambda department: _("Saved."),
)
