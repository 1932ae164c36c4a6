"""Asking the telephone company to place a call, outside any transaction; and what became of it."""

from flask import current_app

from config import Config
from hotline import clock
from hotline.calls import intents
from hotline.sweeps import each_alone
from hotline.telephony import adapter
from hotline.telephony.provider import ProviderError, Unknown
from hotline.unit_of_work import unit_of_work
from models import CallIntent, User, db


def line_for(user: User, number: str) -> str:
    """The telephone of `user` that the company would ring first; "" where it cannot connect it with
    `number`, or is not to."""
    config: Config = current_app.config["HUIYIN"]
    provider = adapter.provider()
    is_allowed = number.startswith(config.countries_to_ring) and provider.reaches(number)
    return provider.line_of_seat(user.id, user.line) if is_allowed else ""


def place(intent_id: int) -> bool:
    """Ask the company for a call that was written down, if nobody has yet; whether it rings."""
    with unit_of_work():
        intent = intents.claim(intent_id, at=clock.now())
        line = intent.line if intent else ""
    if not line:
        return False
    provider, hooks = adapter.provider(), adapter.switchboard().hooks
    try:
        ref = provider.place_call(
            to=line,
            connect_url=hooks.outgoing(intent_id),
            status_url=hooks.placed_status(intent_id),
        )
    except ProviderError as error:
        mark = intents.mark_unknown if isinstance(error, Unknown) else intents.mark_failed
        with unit_of_work():
            mark(intent_id, str(error), at=clock.now())
        return False
    with unit_of_work():
        intents.mark_placed(intent_id, ref, provider=provider.name, at=clock.now())
    return True


def settle_call_intents() -> int:
    """End what was not placed in time, and look up what nobody knows about; return how many."""
    with unit_of_work():
        settled = intents.settle(at=clock.now())
    doubtful = intents.doubtful(clock.now())
    return settled + each_alone(doubtful, _look_up, name="settle_call_intents")


def _look_up(intent_id: int) -> bool:
    provider = adapter.provider()
    intent = db.session.get_one(CallIntent, intent_id)
    line, since = intent.line, intents.since(intent)
    db.session.rollback()  # no transaction is open while we wait for the network
    refs = list(provider.list_placed(to=line, since=since))
    with unit_of_work():
        return intents.note(intent_id, refs, provider=provider.name, at=clock.now())
