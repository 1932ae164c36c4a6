"""One call to be placed is in the hands of two processes at once: nobody is rung twice for it.

SQLite lets one writer in at a time, so there is nothing to see there.
"""

from datetime import timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.calls import intents
from hotline.errors import TransitionRefused
from hotline.telephony.simulator.ledger import Call as TheirCall
from hotline.telephony.simulator.ledger import new_sid
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackKind, IntentStatus, Role, User, db
from tests.calls.desk import CALLER, OTHER, calls, the_intent
from tests.makers import make_ticket, make_user

LINE = "sip:seat@simulator.invalid"


@pytest.fixture
def owe(app, clock):
    """`owe(phone)`: a callback of one operator, by its id and number."""
    owner_id = make_user(Role.OPERATOR).id

    def owe(phone: str) -> tuple[int, str]:
        ticket = make_ticket(phone=phone)
        with unit_of_work():
            owner = db.session.get_one(User, owner_id)
            kind = CallbackKind.RETURN_CALL
            return callbacks.promise(ticket, kind, at=clock(), owner=owner).id, phone

    return owe


@pytest.fixture
def press(clock):
    """`press(callback_id, number)`: its owner wants to be connected."""

    def press(callback_id: int, number: str) -> int:
        callback = db.session.get_one(Callback, callback_id)
        return intents.intend(callback, number, LINE, actor=callback.owner, at=clock()).id

    return press


@pytest.fixture
def written(owe, press) -> int:
    """The id of an intent that nobody has asked the company for yet."""
    owed = owe(CALLER)
    with unit_of_work():
        return press(*owed)


@pytest.fixture
def claim(written, clock):
    """`claim()`: take the intent to ask the company for it; `claim.got` is how often it was had."""

    def claim() -> None:
        claim.got += intents.claim(written, at=clock()) is not None

    claim.got = 0
    return claim


@pytest.fixture
def placed(written, claim, clock):
    """`placed()`: the company rings, as its answer or its webhook says."""
    with unit_of_work():
        claim()
    ref = new_sid(TheirCall)
    return lambda: intents.mark_placed(written, ref, provider="simulator", at=clock())


def test_who_presses_on_two_cards_at_once_lets_one_telephone_be_rung_once(both, owe, press):
    one, other = owe(CALLER), owe(OTHER)
    refusal = both(lambda: press(*one), lambda: press(*other))
    assert isinstance(refusal, TransitionRefused)
    assert the_intent().number == CALLER


def test_the_company_is_asked_by_one(both, claim):
    assert both(claim, claim) is None
    assert claim.got == 1


def test_a_call_that_the_answer_and_the_webhook_tell_of_at_once_is_one_call(both, placed):
    assert both(placed, placed) is None
    assert len(calls()) == 1


def test_what_the_webhook_proves_while_an_error_is_written_down_stays_proved(
    both, placed, written, clock
):
    """The webhook was quicker than the answer that never came."""

    def fails() -> None:
        intents.mark_unknown(written, "no answer", at=clock())

    assert both(placed, fails) is None
    assert the_intent().status is IntentStatus.PLACED


def test_a_sweep_takes_nobody_for_lost_of_whom_the_company_tells_just_now(both, placed, clock):
    late = clock() + intents.LEASE + timedelta(seconds=1)
    assert both(placed, lambda: intents.settle(at=late)) is None
    assert the_intent().status is IntentStatus.PLACED
