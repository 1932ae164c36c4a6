"""The door: signing in and out, the first administrator, language and theme before that."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline import clock
from hotline.accounts import forms, login, passwords, service, setup_code
from hotline.audit import service as audit
from hotline.calls import seats
from hotline.error_pages import beside_fields, say
from hotline.errors import HotlineError, Invalid, NotFound
from hotline.fields import short
from hotline.guards import public
from hotline.i18n import N_
from hotline.safe_next import safe_next
from hotline.unit_of_work import unit_of_work
from models import User, db

bp = Blueprint("accounts", __name__)
bp.before_request(public)


@bp.route("/login", methods=["GET", "POST"], endpoint="login")
def log_in() -> ResponseReturnValue:
    """The door. The same words whatever was wrong."""
    if request.method == "GET":
        if g.user:
            return redirect(_onwards(), 303)
        return _login_page()
    try:
        _sign_in()
    except HotlineError as refusal:
        return _login_page(say(refusal)), refusal.status
    return redirect(_onwards(), 303)


def _sign_in() -> None:
    """Check what was typed, begin a session. Raises TooManyTries or Invalid."""
    at, address = clock.now(), request.remote_addr or ""
    username = service.clean_username(request.form.get("username", ""))
    with unit_of_work():
        service.count_try(username, at=at, address=address)
    user_id = service.who_is(username, request.form.get("password", ""))
    with unit_of_work():
        user = db.session.get(User, user_id) if user_id else None
        if user is None:
            meant = service.by_username(username)
            subject = meant.username if meant else ""
            audit.record("login_failed", actor=meant, at=at, address=address, subject=subject)
        else:
            token = _begin(user, address)
    if user is None:
        raise Invalid(N_("User name and password do not fit together."))
    login.remember(token)


def _begin(user: User, address: str) -> str:
    """A new session and its line in the trail; returns the token."""
    agent, at = request.user_agent.string, clock.now()
    audit.record("login", actor=user, at=at, address=address, subject=user.username)
    return service.sign_in(user, at=at, address=address, user_agent=agent)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End this session; the seat at the telephone is empty from now on."""
    if current_user.is_authenticated:
        with unit_of_work():
            row, at = current_user.session, clock.now()
            service.sign_out(row, at=at)
            seats.leave(row.user, at=at)
            audit.record("logout", actor=row.user, at=at, subject=row.user.username)
        login.forget()
    return redirect(url_for("accounts.login"), 303)


@bp.route("/setup", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Make the first administrator with the one-time code; there is no such page afterwards."""
    if service.has_administrator():
        raise NotFound
    if request.method == "GET":
        return render_template("accounts/setup.html", typed=request.args, errors={})
    try:
        _make_first_administrator()
    except Invalid as refusal:
        errors = beside_fields(refusal)
        return render_template("accounts/setup.html", typed=request.form, errors=errors), 422
    return redirect(_onwards(), 303)


def _make_first_administrator() -> None:
    typed, at = request.form, clock.now()
    setup_code.check(typed.get("code", ""), at=at)
    username = service.clean_username(typed.get("username", ""))
    passwords.check(forms.new_password(typed), username)
    password_hash = passwords.hashed(forms.new_password(typed))
    with unit_of_work():
        setup_code.use(typed.get("code", ""), at=at)
        name = short(typed, "display_name", forms.NAME_LENGTH)
        user = setup_code.make_administrator(username, name, password_hash=password_hash, at=at)
        audit.record("create_user", actor=user, at=at, subject=user.username, by="setup_code")
        token = _begin(user, request.remote_addr or "")
    login.remember(token)


@bp.post("/preferences")
def preferences() -> ResponseReturnValue:
    """Language or theme: kept with the person, or in the browser of a stranger."""
    typed = request.form
    chosen = {
        name: read(typed)
        for name, read in (("locale", forms.locale), ("theme", forms.theme))
        if name in typed
    }
    answer = redirect(_onwards(), 303)
    if g.user:
        with unit_of_work():
            user = db.session.get_one(User, g.user.id)
            for name, value in chosen.items():
                setattr(user, name, value)
    return login.keep_in_browser(answer, chosen)


def _login_page(sentence: str = "") -> str:
    return render_template(
        "accounts/login.html",
        typed={"username": request.form.get("username", "")},
        errors={"password": sentence} if sentence else {},
        onwards=_onwards(),
        is_new=not service.has_administrator(),
    )


def _onwards() -> str:
    """Where the person wanted to go, else everybody's first page."""
    return safe_next(request.values.get("next", ""))
