from datetime import datetime
from types import SimpleNamespace

import pytest

from hotline.calls import seats, service, switchboard
from hotline.telephony import adapter
from hotline.telephony.inbound import Kind, parse
from hotline.unit_of_work import unit_of_work
from models import Call, Role, Seat, SeatState, User, db
from tests.makers import make_user
from tests.telephony.company import US, WANG, sid


@pytest.fixture
def ring(app, clock):
    """`ring(number)`: somebody rings and hears the first words; returns the call."""

    def ring(number: str = WANG, at: datetime | None = None) -> Call:
        form = {"CallSid": sid(), "From": number, "To": US, "CallStatus": "ringing"}
        event = parse(Kind.VOICE, {name: [value] for name, value in form.items()}, {})
        board = adapter.switchboard()
        with unit_of_work():
            call = service.receive(event, board, at=at or clock())
            steps = switchboard.instructions(event, call, board, at=at or clock())
        call.heard = SimpleNamespace(steps=steps)
        return call

    return ring


@pytest.fixture
def hang_up(app, clock):
    """`hang_up(call, seconds)`: its end is reported; an operator may have `answered` it."""

    def hang_up(call: Call, seconds: int = 30) -> Call:
        form = {"CallSid": call.call_ref, "From": call.from_raw, "To": US}
        form |= {"CallStatus": "completed", "CallDuration": str(seconds)}
        event = parse(Kind.STATUS, {name: [value] for name, value in form.items()}, {})
        with unit_of_work():
            service.receive(event, adapter.switchboard(), at=clock())
        return call

    return hang_up


@pytest.fixture
def report_leg(app, clock):
    """`report_leg(call, status)`: the company reports the last leg of a call."""

    def report_leg(call: Call, status: str, step: int = 0) -> None:
        leg = call.legs[-1]
        form = {
            "CallSid": leg.leg_ref or sid(),
            "ParentCallSid": call.call_ref,
            "Direction": "outbound-dial",
            "From": call.from_raw,
            "To": f"sip:seat-{leg.user_id}@simulator.invalid",
            "CallStatus": status,
        }
        fields = {name: [value] for name, value in form.items()}
        event = parse(Kind.STATUS, fields, {"step": [str(step or leg.step)]})
        with unit_of_work():
            service.receive(event, adapter.switchboard(), at=clock())

    return report_leg


@pytest.fixture
def sit(app, clock):
    """`sit()`: an operator on a free seat."""

    def sit(state: SeatState = SeatState.FREE, **fields: object) -> User:
        user = make_user(Role.OPERATOR, **fields)
        with unit_of_work():
            seats.set_seat_state(user, state, at=clock())
        return user

    return sit


def seat_of(user: User) -> Seat:
    db.session.rollback()
    return db.session.get_one(Seat, user.id)
