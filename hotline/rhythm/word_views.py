"""The list of urgent words, for administrators."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from hotline import clock
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.rhythm import urgent_words
from hotline.unit_of_work import unit_of_work

bp = Blueprint("urgent_words", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/urgent-words")
def edit() -> ResponseReturnValue:
    """The words, to be written anew."""
    return _page({"words": " ".join(urgent_words.words())}, {})


@bp.post("/urgent-words")
def save() -> ResponseReturnValue:
    """The whole list at once; an empty one means that no word is urgent."""
    try:
        with unit_of_work():
            typed = request.form.get("words", "")
            count = urgent_words.set_words(typed, actor=g.user, at=clock.now())
    except Invalid as refusal:
        return _page(dict(request.form), beside_fields(refusal)), refusal.status
    flash(ngettext("%(num)d word is urgent now.", "%(num)d words are urgent now.", count))
    return redirect(url_for("urgent_words.edit"), 303)


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    change = urgent_words.last_change()
    return render_template("rhythm/words.html", typed=typed, errors=errors, change=change)
