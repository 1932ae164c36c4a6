"""The year at a glance, and its official list as a file: for who supervises, too."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from hotline.calendars import list_file, queries, year_pages
from hotline.calendars.forms import FIRST_YEAR, LAST_YEAR
from hotline.errors import NotFound
from hotline.guards import guard
from hotline.permissions import Permission

bp = Blueprint("years", __name__)
bp.before_request(guard(Permission.ADMINISTER, Permission.SUPERVISE))


@bp.get("/special-days")
def show() -> ResponseReturnValue:
    """Twelve months, each day with what it is."""
    return year_pages.show()


@bp.get("/official-lists/<int:year>.<any(csv, json):form>")
def download(year: int, form: str) -> ResponseReturnValue:
    """The official list of a year in the form in which one is imported. Raises NotFound."""
    days = queries.list_of(year) if FIRST_YEAR <= year <= LAST_YEAR else {}
    if not days:
        raise NotFound
    if form == "json":
        text, mimetype = list_file.write_json(year, days), "application/json"
    else:
        text, mimetype = "\ufeff" + list_file.write_csv(days), "text/csv"  # Excel wants the mark
    name = f"attachment; filename=official-list-{year}.{form}"
    return Response(text, mimetype=mimetype, headers={"Content-Disposition": name})
