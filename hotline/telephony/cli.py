"""`flask simulate-call`: a whole call from the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from hotline import clock
from hotline.calls import seats
from hotline.phone_numbers import normalise
from hotline.telephony import adapter
from hotline.telephony.simulator.exchange import Exchange
from hotline.telephony.simulator.ledger import Call, Knobs, Mode
from hotline.telephony.simulator.lines import seat_line
from hotline.telephony.simulator.people import PEOPLE, WITHHELD
from hotline.unit_of_work import unit_of_work
from models import Call as CallRow
from models import SeatState, User, db

MOST_STEPS = 60
PATIENCE = timedelta(seconds=20)  # before the caller hangs up; shorter would be “hung up early”


@click.command("simulate-call")
@click.option("--answered", "ending", flag_value="answered", default=True, help="Somebody answers.")
@click.option("--missed", "ending", flag_value="missed", help="Nobody answers, no message.")
@click.option("--abandoned", "ending", flag_value="abandoned", help="The caller hangs up waiting.")
@click.option("--voicemail", "ending", flag_value="voicemail", help="The caller leaves a message.")
@click.option("--answer-by", default="", help="User name of who answers; takes a seat.")
@click.option("--from", "from_", default=PEOPLE[0].number, help="The caller's number, or withheld.")
@click.option("--duplicate", is_flag=True, help="Every request is sent twice.")
@click.option("--shuffled", is_flag=True, help="Reports come in any order, after the call.")
@with_appcontext
def simulate_call_command(
    ending: str, answer_by: str, from_: str, duplicate: bool, shuffled: bool
) -> None:
    """Make a whole call to the hotline, running or not, and say what became of it."""
    exchange = adapter.exchange()
    if exchange is None:
        raise click.ClickException("TELEPHONY is not the simulator.")
    operator = _sit_down(answer_by) if answer_by else None
    number = WITHHELD if from_ == "withheld" else normalise(from_).normalised
    if number is None:
        raise click.BadParameter(f"nobody can ring from {from_}", param_hint="--from")
    knobs = Knobs(duplicate=duplicate, shuffle=shuffled)
    with _reached(exchange) as reachable:
        call = reachable.dial_in(number, clock.now() - PATIENCE, knobs)
        for _ in range(MOST_STEPS):
            if call.mode is Mode.ENDED:
                break
            call = _next(reachable, call, ending, operator)
    _tell(call)


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def _sit_down(username: str) -> int:
    """Put an operator on a free seat; returns the user's id."""
    with unit_of_work():
        user = db.session.scalar(select(User).where(User.username == username))
        if user is None:
            raise click.BadParameter(f"no user {username}", param_hint="--answer-by")
        seats.set_seat_state(user, SeatState.FREE, at=clock.now())
        return user.id


@contextmanager
def _reached(exchange: Exchange) -> Iterator[Exchange]:
    """The exchange, with a hotline to ring: the running one, else one in this process."""
    if exchange.is_answered():
        yield exchange
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield exchange.reached_at(f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _next(exchange: Exchange, call: Call, ending: str, operator: int | None) -> Call:
    """One thing that happens next on the way to `ending`."""
    at = clock.now()
    if ending == "abandoned":
        return exchange.hang_up(call.sid, at)
    if call.mode is Mode.TALKING:
        return exchange.hang_up_seat(call.leg_sid, at)
    if call.mode is Mode.RINGING_SEAT and ending == "answered":
        leg = exchange.ledger.call(call.leg_sid)
        if operator is None or (leg is not None and leg.to == seat_line(operator)):
            return exchange.answer(call.leg_sid, at)
    if call.mode is Mode.RECORDING and ending == "voicemail":
        return exchange.speak(call.sid, at)
    return exchange.run_out(call.sid, at)


def _tell(call: Call) -> None:
    """Say what the hotline made of it."""
    for sentence in call.heard:
        click.echo(f"  {sentence}")
    db.session.rollback()
    row = db.session.scalar(select(CallRow).where(CallRow.call_ref == call.sid))
    if row is None:
        raise click.ClickException("The hotline knows nothing of this call.")
    operator = f" by {row.operator.display_name}" if row.operator else ""
    click.echo(f"{row.result}{operator} · ticket {row.ticket.number} · {row.ticket.status}")
