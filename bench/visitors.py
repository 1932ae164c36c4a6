"""Who asks: people who are signed in already, and a telephone company that signs."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from bench.client import HOST, Asked
from hotline import clock
from hotline.accounts import sessions
from hotline.telephony.simulator.provider import account_of, token_of
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallLeg,
    CallResult,
    CallState,
    Department,
    Role,
    Seat,
    SeatState,
    User,
    UserRole,
    db,
)

AGENTS = 200
AGENT = "agent{:03d}"
DIALLED = "+8675512351000"
CALLERS = 10**8  # behind +86138: nobody has the same number twice


class Company:
    """The provider's side of one server: webhooks as it signs them, each about a new call."""

    def __init__(self, app: Flask, port: int) -> None:
        key = app.config["SECRET_KEY"]
        self._account, self._sign = account_of(key), RequestValidator(token_of(key))
        self._base = f"http://{HOST}:{port}"

    def calls(self, count: int) -> Iterator[Asked]:
        """First requests of new calls, from people who never rang before."""
        for _ in range(count):
            yield self.webhook("voice", self.fields(f"CA{secrets.token_hex(16)}", "ringing"))

    def fields(self, call: str, status: str, **more: str) -> dict[str, str]:
        return {
            "AccountSid": self._account,
            "ApiVersion": "2010-04-01",
            "CallSid": call,
            "CallStatus": status,
            "Direction": "inbound",
            "From": f"+86138{secrets.randbelow(CALLERS):08d}",
            "To": DIALLED,
            **more,
        }

    def webhook(self, route: str, fields: dict[str, str]) -> Asked:
        target = f"/hooks/simulator/{route}"
        signature = self._sign.compute_signature(self._base + target, fields)
        return Asked("POST", target, {"X-Twilio-Signature": signature}, urlencode(fields).encode())

    def to_the_floor(self, call: Asked) -> Asked:
        """The same call for the floor, which looks at no signature."""
        return Asked("POST", "/insert", {}, call.body)


def hire_agents(app: Flask) -> list[int]:
    """The ids of the operators who take the calls; made when they are not there yet."""
    with app.app_context():
        hotline = select(Department).where(Department.code == "hotline")
        agents = select(User.id).where(User.username.like("agent___")).order_by(User.id)
        if not db.session.scalars(agents).first():
            with unit_of_work():
                home, at = db.session.scalars(hotline).one(), clock.now()
                for number in range(AGENTS):
                    _hire(number, home, at)
        return list(db.session.scalars(agents))


def _hire(number: int, home: Department, at: datetime) -> None:
    agent = User(
        username=AGENT.format(number + 1),
        display_name=f"坐席{number + 1:03d}",
        password_hash="-",  # noqa: S106 - nobody types one
        department_id=home.id,
        created_at=at,
    )
    agent.role_rows = [UserRole(role=Role.OPERATOR)]
    db.session.add(agent)
    db.session.flush()
    db.session.add(Seat(user_id=agent.id, state=SeatState.AWAY, since_at=at))


def seat_agents(app: Flask, agents: list[int]) -> None:
    """Every agent is free and nobody else: whoever rang has hung up."""
    with app.app_context(), unit_of_work():
        at = clock.now()
        over = {"ended_at": at, "state": CallState.ENDED, "result": CallResult.ABANDONED}
        db.session.execute(update(Call).where(Call.ended_at.is_(None)).values(over))
        db.session.execute(update(CallLeg).where(CallLeg.ended_at.is_(None)).values(ended_at=at))
        mine = Seat.user_id.in_(agents)
        db.session.execute(
            update(Seat)
            .where(mine)
            .values(state=SeatState.FREE, call_id=None, rest_until_at=None, since_at=at)
        )
        db.session.execute(
            update(Seat)
            .where(~mine, Seat.rest_until_at.is_(None))
            .values(state=SeatState.AWAY, call_id=None)
        )


def cookie_of(app: Flask, username: str) -> str:
    """The cookie of a browser in which this person has just signed in."""
    with app.app_context():
        user = db.session.scalars(select(User.id).where(User.username == username)).one()
    return cookies_of(app, [user])[user]


def cookies_of(app: Flask, users: list[int]) -> dict[int, str]:
    """The same for many, by their ids."""
    with app.app_context(), unit_of_work():
        at = clock.now()
        tokens = {
            user: sessions.start(db.session.get_one(User, user), at=at, user_agent="bench")
            for user in users
        }
    return {user: _cookie(app, token) for user, token in tokens.items()}


def _cookie(app: Flask, token: str) -> str:
    with app.test_request_context():
        cookie = app.session_interface.get_signing_serializer(app).dumps(
            {"_user_id": token, "_fresh": True}
        )
    return f"{app.config['SESSION_COOKIE_NAME']}={cookie}"
