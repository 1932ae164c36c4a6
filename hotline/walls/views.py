"""The page on which screens are let in and shut out."""

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.fields import short
from hotline.guards import guard
from hotline.languages import LOCALES
from hotline.permissions import Permission
from hotline.unit_of_work import unit_of_work
from hotline.walls import service
from models import User, db

bp = Blueprint("walls", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.ADMINISTER))


@bp.get("/walls")
def index() -> ResponseReturnValue:
    """The screens there are, who let them in, and when they were last seen."""
    return _page({})


@bp.post("/walls")
def create() -> ResponseReturnValue:
    """A new screen; its token is shown on the answer and nowhere else."""
    locale = request.form.get("locale", "")
    try:
        with unit_of_work():
            wall, token = service.create(
                short(request.form, "name", service.NAME_LENGTH),
                locale=locale if locale in LOCALES else LOCALES[0],
                actor=db.session.get_one(User, g.user.id),
                at=clock.now(),
            )
    except Invalid as refusal:
        return _page(request.form, beside_fields(refusal)), 422
    shown = service.in_groups(token)
    link = f"{current_app.config['PUBLIC_BASE_URL']}{url_for('wall.screen')}#{shown}"
    return render_template("walls/token.html", wall=wall, token=shown, link=link)


@bp.post("/walls/<int:wall_id>/revoke")
def revoke(wall_id: int) -> ResponseReturnValue:
    """The screen shows nothing any more, wherever it hangs."""
    with unit_of_work():
        wall = service.get(wall_id)
        service.revoke(wall, actor=db.session.get_one(User, g.user.id), at=clock.now())
    flash(_("The screen is switched off."))
    return redirect(url_for("walls.index"), 303)


def _page(typed: Any, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "walls/index.html", walls=service.walls(clock.now()), typed=typed, errors=errors or {}
    )
