"""The page "dial the hotline": a telephone from the street, for demo, acceptance and training."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.guards import guard
from hotline.phone_numbers import normalise
from hotline.telephony import adapter
from hotline.telephony.provider import NotPossible
from hotline.telephony.simulator.exchange import Exchange
from hotline.telephony.simulator.ledger import Call, Knobs, Mode
from hotline.telephony.simulator.people import PEOPLE, WITHHELD
from models import db

bp = Blueprint("simulator", __name__, url_prefix="/simulator")
bp.before_request(guard())
SOUNDS = {Mode.PLAYING: "wait.wav", Mode.RECORDING: "beep.wav", Mode.RINGING_SEAT: "ring.wav"}
TYPED, HIDDEN = "typed", "withheld"
LATE_SECONDS = 20


@bp.get("")
def telephone() -> ResponseReturnValue:
    """The telephone on the hook."""
    _exchange()
    return _hook({"who": PEOPLE[0].number}, {}), 200


@bp.post("/calls")
def dial() -> ResponseReturnValue:
    """Ring the hotline as whoever was chosen."""
    exchange = _exchange()
    number, errors = _number(request.form.get("who", ""), request.form.get("number", ""))
    if errors:
        return _hook(request.form, errors), 422
    call = exchange.dial_in(number, clock.now(), _knobs(request.form.getlist("line")))
    return redirect(url_for("simulator.show", sid=call.sid), 303)


@bp.get("/calls/<sid>")
def show(sid: str) -> ResponseReturnValue:
    """What the caller hears and can do now; for htmx the telephone alone, and only what is new."""
    call = _call(sid)
    seen = f"{call.mode}-{len(call.heard)}"
    if request.args.get("seen") == seen:
        return "", 204
    return render_template(
        "telephony/_telephone.html" if _is_fragment() else "telephony/call.html",
        call=call,
        person=_person(call),
        sounds=SOUNDS,
        seen=seen,
    )


@bp.post("/calls/<sid>/press")
def press(sid: str) -> ResponseReturnValue:
    digit = request.form.get("digit", "")
    if len(digit) != 1 or digit not in "0123456789*#":
        abort(400)
    return _do(sid, lambda exchange: exchange.press(sid, digit, clock.now()))


@bp.post("/calls/<sid>/speak")
def speak(sid: str) -> ResponseReturnValue:
    return _do(sid, lambda exchange: exchange.speak(sid, clock.now()))


@bp.post("/calls/<sid>/hangup")
def hang_up(sid: str) -> ResponseReturnValue:
    return _do(sid, lambda exchange: exchange.hang_up(sid, clock.now()))


def _do(sid: str, what: Callable[[Exchange], Call]) -> ResponseReturnValue:
    """Let the caller do something, then show the telephone again; too late is no error."""
    exchange = _exchange()
    _call(sid)
    with suppress(NotPossible):
        what(exchange)
    return show(sid) if _is_fragment() else redirect(url_for("simulator.show", sid=sid), 303)


def _is_fragment() -> bool:
    return request.headers.get("HX-Request") == "true"


def _exchange() -> Exchange:
    exchange = adapter.exchange()
    if exchange is None:
        abort(404)
    db.session.rollback()  # the exchange posts to us: nothing of this request may be in its way
    return exchange


def _call(sid: str) -> Call:
    call = _exchange().ledger.call(sid)
    if call is None or call.parent_sid:
        abort(404)
    return call


def _hook(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "telephony/dial.html",
        people=[(one.number, f"{one.name} · {_(one.about)}") for one in PEOPLE]
        + [(TYPED, _("another number")), (HIDDEN, _("withholds the number"))],
        typed=typed,
        errors=errors,
    )


def _number(who: str, typed: str) -> tuple[str, dict[str, str]]:
    """The number to ring from, or what is wrong with it."""
    if who == HIDDEN:
        return WITHHELD, {}
    if who in {person.number for person in PEOPLE}:
        return who, {}
    if who != TYPED:
        return "", {"who": _("Choose who is calling.")}
    number = normalise(typed)
    if not number.can_be_called or not number.normalised:
        return "", {"number": _("This is not a telephone number that can be rung.")}
    return number.normalised, {}


def _knobs(line: Sequence[str]) -> Knobs:
    return Knobs(
        drop="drop" in line,
        duplicate="duplicate" in line,
        shuffle="shuffle" in line,
        delay_seconds=LATE_SECONDS if "delay" in line else 0,
        forge="forge" in line,
    )


def _person(call: Call) -> str:
    return next((one.name for one in PEOPLE if one.number == call.from_), "")
