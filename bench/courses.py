"""How tickets go: answered in the call, rung back, handed off, merged, without a matter."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bench.endings import Endings
from bench.handled import through_a_department
from bench.seconds import HOUR, MINUTE
from bench.words import Matter
from bench.world import Guest, NotYet, World
from models import (
    CallbackEnd,
    CallbackKind,
    CallerKind,
    CallResult,
    How,
    NoMatterKind,
    Outcome,
    Resolution,
    Satisfaction,
    Source,
    Urgency,
)

ENDS = {
    "already_in_court": Resolution.DECLINED,
    "city_services": Resolution.REFERRED,
    "insurance_transfer": Resolution.REFERRED,
}
UNANSWERED = (CallResult.MISSED, CallResult.ABANDONED, CallResult.VOICEMAIL)
OUTER = (Source.HOTLINE_12345, Source.HOTLINE_12351)
OTHER_WAYS = (Source.VISIT, Source.NET, Source.NET, Source.LETTER, *OUTER, Source.HOTLINE_12345)


def tell(world: World, at: int) -> None:
    """The whole story of the matter that comes in `at`, as far as it goes."""
    point = world.rng.random()
    for share, course in COURSES:
        if point < share:
            course(world, at)
            return
        point -= share


def _told(tale: Endings, course: Callable[..., Any], *facts: Any) -> None:
    with suppress(NotYet):
        course(tale, *facts)
    tale.finish()


def _calls(world: World, at: int, matter: Matter, course: Callable[..., Any]) -> None:
    """Somebody rings about `matter`."""
    tale = Endings(world, at, world.guest(at, matter.kind), Source.PHONE)
    _told(tale, course, at, matter)


def _directly(tale: Endings, at: int, matter: Matter) -> None:
    """Asked and answered in a call; now and then the caller has to look something up first."""
    by, ended_at, call = tale.taken(at, matter)
    if tale.world.chance(0.66):
        again_at = ended_at + tale.world.within(8 * MINUTE, 3 * HOUR)
        by = tale.world.operator_at(again_at)
        call = tale.rings(again_at, by, rang=tale.world.within(3, 16), lasts=200)
        ended_at = call["ended_at"]
    is_rated = tale.world.chance(0.33)
    tale.close(
        ended_at + tale.world.within(4, 50),
        by,
        How.IN_CALL,
        ENDS.get(matter.category.code, Resolution.ANSWERED_DIRECTLY),
        told=matter.answer,
        call_id=call["id"],
        satisfaction=Satisfaction.SATISFIED if is_rated else None,
    )


def _rung_back(tale: Endings, at: int, matter: Matter) -> None:
    """Nobody picked up; we ring back and answer."""
    if not tale.guest.number:  # nobody could be rung back
        _directly(tale, at, matter)
        return
    world, result = tale.world, UNANSWERED[tale.world.within(0, 3)]
    call = tale.rings_in_vain(at, result, world.within(12, 70))
    ended_at = call["ended_at"]
    limit = world.policies.spans["return_call_minutes"]
    tale.promise(CallbackKind.RETURN_CALL, ended_at, world.hours.add(ended_at, limit), owner=None)
    rings_at = world.office_time(ended_at, 4 * MINUTE, 58 * MINUTE)
    by = world.operator_at(rings_at)
    if world.chance(0.25):
        tale.attempt(rings_at, by, Outcome.NO_ANSWER)
        rings_at = world.office_time(rings_at, HOUR, 3 * HOUR)
        if world.chance(0.4):
            tale.attempt(rings_at, by, Outcome.NO_ANSWER, is_last=True)
            tale.sign_unreachable(world.office_time(rings_at, HOUR, 9 * HOUR), by)
            return
    attempt = tale.attempt(rings_at, by, Outcome.REACHED)
    closed_at = rings_at + world.within(3 * MINUTE, 8 * MINUTE)
    tale.describe(closed_at - MINUTE, by, matter)
    tale.close(
        closed_at, by, How.IN_CALL, Resolution.ANSWERED_DIRECTLY, told=matter.answer,
        attempt_id=attempt["id"],
    )  # fmt: skip


def _without_a_matter(tale: Endings, at: int, matter: Matter) -> None:
    """A wrong number, silence, an advert: one key."""
    by = tale.world.operator_at(at)
    call = tale.rings(at, by, rang=tale.world.within(3, 14), lasts=tale.world.within(4, 25))
    kinds = tuple(NoMatterKind)
    tale.close(
        call["ended_at"] + 5, by, How.NO_MATTER, Resolution.NO_MATTER, call_id=call["id"],
        no_matter=kinds[tale.world.within(0, len(kinds))], end=CallbackEnd.NOT_NEEDED,
    )  # fmt: skip


def _emergency(tale: Endings, at: int, matter: Matter) -> None:
    """Somebody in danger: the caller is rung again the same day."""
    by, ended_at, _ = tale.taken(at, matter)
    tale.ticket.update(urgency=Urgency.CRITICAL, is_emergency=True, is_supervised=True)
    due = ended_at + tale.world.policies.spans["safety_minutes"]
    tale.promise(CallbackKind.SAFETY, ended_at, due, owner=by)
    rung_at = ended_at + tale.world.within(25 * MINUTE, 70 * MINUTE)
    attempt = tale.attempt(rung_at, by, Outcome.REACHED)
    tale.close(
        rung_at + 240, by, How.IN_CALL, Resolution.ANSWERED_DIRECTLY, told=matter.answer,
        attempt_id=attempt["id"], satisfaction=Satisfaction.SATISFIED, is_solved=True,
    )  # fmt: skip


def _merged(tale: Endings, at: int, matter: Matter, into: int) -> None:
    """The caller of a running matter rang and got a second ticket for it."""
    by, ended_at, _ = tale.taken(at, matter)
    tale.ticket["merged_into_id"] = into
    try:
        tale.close(
            ended_at + 30, by, How.MOVED, Resolution.MERGED, kind="merge", moved_to_id=into,
            end=CallbackEnd.NOT_NEEDED,
        )  # fmt: skip
    except NotYet:
        tale.ticket["merged_into_id"] = None
        raise


def direct(world: World, at: int) -> None:
    _calls(world, at, world.matters.any(), _directly)


def rung_back(world: World, at: int) -> None:
    _calls(world, at, world.matters.any(), _rung_back)


def no_matter(world: World, at: int) -> None:
    _calls(world, at, world.matters.of("no_matter"), _without_a_matter)


def emergency(world: World, at: int) -> None:
    _calls(world, at, world.matters.of("emergency"), _emergency)


def handed_off(world: World, at: int) -> None:
    _calls(world, at, world.matters.for_a_department(), through_a_department)


def from_elsewhere(world: World, at: int) -> None:
    """A visit, a letter, the net, another hotline: written down in office hours, handed off."""
    matter = world.matters.for_a_department()
    source = OTHER_WAYS[world.within(0, len(OTHER_WAYS))]
    guest: Guest = world.guest(at, CallerKind.WORKER)
    tale = Endings(world, at, guest, source, world.operator_at(at))
    if source in OUTER:
        tale.ticket["outer_number"] = f"{source.value}-{tale.ticket['number']}"
        tale.ticket["outer_due_at"] = world.hours.after_days(at, 10)
    _told(tale, through_a_department, at, matter)


def merged(world: World, at: int) -> None:
    """A second ticket of somebody whose first one was handed off lately."""
    if not world.lately:
        direct(world, at)
        return
    into, guest = world.lately[world.within(0, len(world.lately))]
    tale = Endings(world, at, guest, Source.PHONE)
    _told(tale, _merged, at, world.matters.for_a_department(), into)


COURSES: tuple[tuple[float, Callable[[World, int], None]], ...] = (
    (0.555, direct),
    (0.235, handed_off),
    (0.07, from_elsewhere),
    (0.08, rung_back),
    (0.045, no_matter),
    (0.014, merged),
    (0.001, emergency),
)
