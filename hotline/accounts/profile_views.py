"""What people set about themselves: language, theme, how they are reached, their password."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, languages
from hotline.accounts import forms, login, passwords, service
from hotline.audit import service as audit
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.refusals import Refusals
from hotline.rhythm import gratitude
from hotline.unit_of_work import unit_of_work
from models import User, db

A_PAGE_OF_THANKS = 20

bp = Blueprint("profile", __name__)
bp.before_request(guard())


@bp.get("/profile")
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/profile")
def save() -> ResponseReturnValue:
    """Language, theme, addresses and the telephone that rings."""
    typed = request.form
    try:
        with Refusals() as wrong:
            locale, theme = wrong.read(forms.locale, typed), wrong.read(forms.theme, typed)
            how = wrong.read(forms.contact, typed)
    except Invalid as refusal:
        return _page(typed=typed, errors=beside_fields(refusal)), 422
    with unit_of_work():
        user = db.session.get_one(User, g.user.id)
        user.locale, user.theme = locale, theme
        user.email, user.phone_number = how.email, how.phone_number
        if has(user, Permission.HANDLE_CALLS) and user.line != how.line:
            user.line = how.line
            audit.record("change_line", actor=user, at=clock.now(), subject=user.username)
    flash(_("Saved."))
    answer = redirect(url_for("profile.show"), 303)
    return login.keep_in_browser(answer, {"locale": locale, "theme": theme})


@bp.route("/profile/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    """A new password ends every session; this browser gets a new one."""
    if request.method == "GET":
        return _password_page({})
    try:
        _change_password()
    except Invalid as refusal:
        return _password_page(beside_fields(refusal)), 422
    flash(_("Your password is changed; you were signed out everywhere else."))
    return redirect("/", 303)


def _change_password() -> None:
    at, address = clock.now(), request.remote_addr or ""
    username, user_id = g.user.username, g.user.id
    new = forms.new_password(request.form)
    passwords.check(new, username)
    with unit_of_work():
        service.count_try(username, at=at, address=address)
    current = request.form.get("current_password", "")
    if service.who_is(username, current) != user_id:
        raise Invalid(N_("This is not your present password."), field="current_password")
    if new == current:
        raise Invalid(N_("Choose another one than before."), field="new_password")
    password_hash = passwords.hashed(new)
    with unit_of_work():
        user = db.session.get_one(User, user_id)
        service.set_password(user, password_hash, at=at, is_one_time=False)
        audit.record("change_password", actor=user, at=at, subject=username, address=address)
        agent = request.user_agent.string
        token = service.sign_in(user, at=at, address=address, user_agent=agent)
    login.remember(token)


def _page(typed: Any = None, errors: dict[str, str] | None = None) -> str:
    user: User = g.user
    stored = {
        "locale": user.locale or languages.choose_locale(),
        "theme": user.theme or "system",
        "email": user.email,
        "phone_number": user.phone_number,
        "line": user.line,
    }
    return render_template(
        "accounts/profile.html",
        typed=typed or stored,
        errors=errors or {},
        takes_calls=service.takes_calls(user),
        thanks=gratitude.latest_for(user, at_most=A_PAGE_OF_THANKS),
    )


def _password_page(errors: dict[str, str]) -> str:
    return render_template("accounts/password.html", errors=errors)
