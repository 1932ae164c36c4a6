"""What fell due before the demo starts has been said already: nothing goes out for the past."""

from datetime import timedelta

from hotline.demo.book import Row
from hotline.demo.world import World
from hotline.handoffs import progress
from hotline.sla import deadlines
from hotline.sla.ladder import CLOCK_OF, Clock, Running, Stage
from models import Callback, Extension, Handoff


def keep_quiet(world: World) -> None:
    """Mark every reminder whose moment lies before the start as given."""
    for callback in world.book.rows[Callback]:
        if callback.values.get("ended_at") is None:
            _callback(world, callback)
    for handoff in world.book.rows[Handoff]:
        if handoff.values.get("ended_at") is None:
            _handoff(world, handoff)
    for asked in world.book.rows[Extension]:
        running = Running(Clock.EXTENSION, asked["asked_at"], asked["due_at"])
        if asked.values.get("decided_at") is None and running.stage_at(world.start) is not None:
            asked["reminded_at"] = world.start


def _callback(world: World, callback: Row) -> None:
    due_at = callback["due_at"]
    start = max(callback["promised_at"], callback["not_before_at"])
    stage = Running(CLOCK_OF[callback["kind"]], start, due_at).stage_at(world.start)
    if stage is None:
        return
    callback["reminded_at"] = min(due_at, world.start)
    if stage is not Stage.SOON:
        callback["overdue_reminded_at"] = due_at
    if stage is Stage.LATE:
        callback["escalated_at"] = world.start


def _handoff(world: World, handoff: Row) -> None:
    departments = {one.id: one for one in world.departments.values()}
    department = departments[handoff["department_id"]]
    began_at = handoff["handed_off_at"]
    paused = timedelta(seconds=handoff.values.get("paused_seconds") or 0)
    for clock, limit, before in (
        (Clock.ACCEPT, "accept", timedelta(0)),
        (Clock.ANSWER, "handle", paused),
    ):
        running = Running(clock, began_at, handoff[f"{limit}_due_at"], department, before)
        is_said = running.stage_at(world.start) is not None
        handoff[f"{limit}_reminded_at"] = world.start if is_said else None
    due_at = handoff["handle_due_at"]
    half_at = deadlines.part_at(began_at, due_at, department, progress.HALF, paused=paused)
    if half_at <= world.start:
        handoff["progress_at"] = half_at
    asked_at, due_at = handoff.values.get("return_asked_at"), handoff.values.get("return_due_at")
    if asked_at and due_at and Running(Clock.RETURN, asked_at, due_at).stage_at(world.start):
        handoff["return_reminded_at"] = world.start
