"""Webhooks that never arrive: one in ten, and all of a whole hour."""

import time
from datetime import timedelta

import sqlalchemy as sa

from hotline.telephony.simulator.ledger import Mode
from models import Call, Finding, db
from tests.torture.conservation import Line
from tests.torture.house import sweep
from tests.torture.line import Plan
from tests.torture.places import Place, Size
from tests.torture.scene import LEASES_ARE_OVER, Outcome, moved, scene

STORY = timedelta(hours=3)
DEAD_HOUR = (timedelta(hours=1), timedelta(hours=2))


def lost(place: Place, size: Size) -> Outcome:
    """Everything that was not told is found by asking the company, and is written down."""

    def ago(number: int) -> timedelta:
        return timedelta(minutes=2) + STORY * (1 - number / size.calls)

    def is_lost(number: int) -> bool:
        return DEAD_HOUR[0] <= ago(number) <= DEAD_HOUR[1]

    with scene(place.folder, place.url, plan=Plan(size.seed, drop=0.1)) as it:
        it.provider.calls(size.calls, ago=ago, is_lost=is_lost)
        theirs = {call.sid for call in it.provider.all_calls() if call.mode is Mode.ENDED}
        with it.house.inside() as app:
            missing = theirs - _ours()
            unended = set(db.session.scalars(sa.select(Call.call_ref).where(_UNENDED)))
            db.session.rollback()
            begun = time.monotonic()
            with moved(LEASES_ARE_OVER):
                sweep(app, "reconcile_calls")
            took = time.monotonic() - begun
            db.session.rollback()
            found = set(db.session.scalars(sa.select(Finding.call_ref)))
        outcome = it.conclude(
            **{
                "calls of which no word came": len(missing),
                "calls whose end was not told": len(unended),
                "all requests of the dead hour": len(it.provider.books.lost),
                "seconds to ask and take in": round(took, 1),
            }
        )
    for law, those in (("call", missing), ("end", unended)):
        not_found = tuple(sorted(those - found))
        outcome.table.append(Line(f"each missing {law} is written down", len(those), not_found))
    return outcome


_UNENDED = Call.ended_at.is_(None)


def _ours() -> set[str]:
    return set(db.session.scalars(sa.select(Call.call_ref)))
