"""The lists of callbacks beside each other, as far as the viewer may open them."""

from collections.abc import Iterable
from datetime import datetime

from flask import g, request, url_for
from flask_babel import gettext as _

from hotline.callbacks.windows import HABITS, WINDOWS
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import Callback

P = Permission
LISTS = (
    ("callbacks.due", N_("Mine"), (P.HANDLE_CALLS, P.LOG_CALLS)),
    ("callbacks.pool", N_("Callbacks of the pool"), (P.HANDLE_CALLS,)),
    ("morning.show", N_("Last night's calls"), (P.HANDLE_CALLS,)),
    ("callbacks.colleagues", N_("With colleagues"), (P.SUPERVISE,)),
    ("signing.unreachable", N_("To sign"), (P.SUPERVISE,)),
)


def surroundings() -> dict[str, object]:
    """What every page of callbacks shows: the tabs, and the words for the callers' own times.

    Refusals are shown with these too, also before anybody looked who asks.
    """
    viewer = g.get("user")
    tabs = [
        (_(name), url_for(endpoint), request.endpoint == endpoint, None)
        for endpoint, name, permissions in LISTS
        if viewer is not None and has(viewer, *permissions)
    ]
    return {"tabs": tabs, "windows": WINDOWS, "habits": HABITS}


def grouped(owed: Iterable[Callback], at: datetime) -> list[tuple[str, list[Callback]]]:
    """What is owed under the words for when it is to be rung, in the order in which it came."""
    groups: dict[str, list[Callback]] = {
        _("Overdue"): [],
        _("To be rung now"): [],
        _("Later"): [],
        _("By short message"): [],
    }
    for callback in owed:
        groups[_group_of(callback, at)].append(callback)
    return list(groups.items())


def _group_of(callback: Callback, at: datetime) -> str:
    if callback.receipt_due_at is not None:
        return _("By short message")
    if callback.is_overdue(at):
        return _("Overdue")
    return _("To be rung now") if callback.not_before_at <= at else _("Later")
