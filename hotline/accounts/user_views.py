"""Accounts as the administrator keeps them: create, change, disable, a new one-time password."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.accounts import forms, passwords, queries, service
from hotline.audit import service as audit
from hotline.callbacks import end_of_duty
from hotline.departments import queries as departments
from hotline.error_pages import beside_fields, say
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.supervision import unsupervised
from hotline.unit_of_work import unit_of_work
from models import Role, User, db

STATES = {"active": True, "disabled": False}

bp = Blueprint("users", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/users")
def index() -> ResponseReturnValue:
    """Everybody who works here, filtered by words, role and state."""
    asked = request.args
    role = asked.get("role", "")
    users, next_after = queries.page_of_users(
        words=asked.get("q", ""),
        role=Role(role) if role in set(Role) else None,
        is_active=STATES.get(asked.get("state", "")),
        after=asked.get("after", ""),
    )
    filters = {name: asked.get(name, "") for name in ("q", "role", "state")}
    return render_template(
        "accounts/users.html",
        users=users,
        next_after=next_after,
        filters=filters,
        roles=Role,
        is_first=not asked.get("after"),
        unsupervised=unsupervised.unsupervised(),
        nobody_supervises=unsupervised.nobody_supervises(),
    )


@bp.route("/users/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """A new colleague; the one-time password is shown on the answer and nowhere else."""
    if request.method == "GET":
        return _form(None, {})
    one_time = passwords.one_time()
    password_hash = passwords.hashed(one_time)
    try:
        with unit_of_work():
            user = service.create_user(
                request.form.get("username", ""),
                forms.person(request.form),
                password_hash=password_hash,
                at=clock.now(),
            )
            _written("create_user", user, roles=sorted(user.roles))
    except Invalid as refusal:
        return _form(None, request.form, beside_fields(refusal)), 422
    return _one_time_password(user, one_time)


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
def edit(user_id: int) -> ResponseReturnValue:
    """Name, roles, department, addresses."""
    if request.method == "GET":
        return _form(queries.get(user_id), None)
    try:
        with unit_of_work():
            user = queries.get(user_id)
            person = forms.person(request.form)
            changed = service.change_user(user, person, actor=g.user, at=clock.now())
            if changed:
                _written("change_user", user, changed=changed, roles=sorted(user.roles))
    except Invalid as refusal:
        return _form(queries.get(user_id), request.form, beside_fields(refusal)), 422
    flash(_("Saved."))
    return redirect(url_for("users.index"), 303)


@bp.post("/users/<int:user_id>/disable")
def disable(user_id: int) -> ResponseReturnValue:
    """The account is closed at once; what it still held goes to the pool."""

    def act(user: User) -> None:
        service.disable(user, actor=g.user, at=clock.now())
        end_of_duty.release_all(user, at=clock.now(), because="disabled")

    return _change(user_id, "disable_user", act)


@bp.post("/users/<int:user_id>/enable")
def enable(user_id: int) -> ResponseReturnValue:
    return _change(user_id, "enable_user", service.enable)


@bp.post("/users/<int:user_id>/reset-password")
def reset_password(user_id: int) -> ResponseReturnValue:
    """A new one-time password, shown on the answer; the person is signed out everywhere."""
    one_time = passwords.one_time()
    password_hash = passwords.hashed(one_time)
    with unit_of_work():
        user = queries.get(user_id)
        service.set_password(user, password_hash, at=clock.now(), is_one_time=True)
        _written("reset_password", user)
    return _one_time_password(user, one_time)


def _change(user_id: int, kind: str, act: Callable[[User], None]) -> ResponseReturnValue:
    """Do `act` and write it down; a refusal is shown on the person's page."""
    try:
        with unit_of_work():
            user = queries.get(user_id)
            act(user)
            _written(kind, user)
    except Invalid as refusal:
        return _form(queries.get(user_id), None, {"": say(refusal)}), 422
    flash(_("Saved."))
    return redirect(url_for("users.edit", user_id=user_id), 303)


def _written(kind: str, user: User, **data: Any) -> None:
    db.session.flush()
    actor = db.session.get_one(User, g.user.id)
    audit.record(kind, actor=actor, at=clock.now(), subject=user.username, user=user.id, **data)


def _one_time_password(user: User, one_time: str) -> str:
    return render_template("accounts/one_time_password.html", user=user, one_time=one_time)


def _form(user: User | None, typed: Any, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "accounts/user.html",
        user=user,
        typed=_stored(user) if typed is None and user else typed,
        chosen_roles=set(typed.getlist("roles") if hasattr(typed, "getlist") else ())
        or ({role.value for role in user.roles} if user and typed is None else set()),
        errors=errors or {},
        roles=Role,
        departments=departments.active_departments(),
    )


def _stored(user: User) -> dict[str, Any]:
    names = ("username", "display_name", "email", "phone_number", "line")
    stored = {name: getattr(user, name) for name in names}
    return stored | {"department": user.department_id or ""}
