"""What fell due before the demo starts has been said already: nothing goes out for the past."""

from hotline.callbacks.reminders import SOON
from hotline.demo.book import Row
from hotline.demo.world import World
from hotline.sla import deadlines
from models import Callback, Handoff


def keep_quiet(world: World) -> None:
    """Mark every reminder whose moment lies before the start as given."""
    for callback in world.book.rows[Callback]:
        if callback.values.get("ended_at") is None:
            _callback(world, callback)
    for handoff in world.book.rows[Handoff]:
        if handoff.values.get("ended_at") is None:
            _handoff(world, handoff)


def _callback(world: World, callback: Row) -> None:
    due_at = callback["due_at"]
    if due_at - SOON <= world.start:
        callback["reminded_at"] = due_at - SOON
    if due_at <= world.start:
        callback["overdue_reminded_at"] = due_at


def _handoff(world: World, handoff: Row) -> None:
    departments = {one.id: one for one in world.departments.values()}
    department = departments[handoff["department_id"]]
    for limit in ("accept", "handle"):
        began_at, due_at = handoff["handed_off_at"], handoff[f"{limit}_due_at"]
        soon_at = deadlines.warn_at(began_at, due_at, department)
        told_at = max((at for at in (soon_at, due_at) if at <= world.start), default=None)
        handoff[f"{limit}_reminded_at"] = told_at
    if handoff.values.get("return_due_at") and handoff["return_due_at"] <= world.start:
        handoff["return_reminded_at"] = handoff["return_due_at"]
