"""The simulated company's REST interface, in the shape of Twilio's: what we reconcile against."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.extensions import csrf
from hotline.telephony import adapter
from hotline.telephony.simulator import shapes
from hotline.telephony.simulator.carrier import API_VERSION
from hotline.telephony.simulator.exchange import Exchange
from hotline.telephony.simulator.ledger import Message, Post, new_sid

bp = Blueprint("simulator_rest", __name__)
csrf.exempt(bp)
ACCOUNT = f"/simulator/{API_VERSION}/Accounts/<account_sid>"
LONGEST_TEXT = 1600
PAGE_SIZE, LARGEST_PAGE = 50, 1000
One = TypeVar("One")
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@bp.before_request
def verify_credentials() -> None:
    """Refuse whoever does not know the account and its token."""
    exchange = adapter.exchange()
    if exchange is None:
        abort(Response(status=404))
    sid, token = exchange.credentials
    try:
        given = request.authorization
    except ValueError:  # a header that is not even ASCII
        abort(Response(status=401))
    if given is None or given.type != "basic" or given.username != sid:
        abort(Response(status=401))
    if not hmac.compare_digest((given.password or "").encode(), token.encode()):
        abort(Response(status=401))
    if (request.view_args or {}).get("account_sid", sid) != sid:
        abort(Response(status=404))


verify_credentials.is_guard = True  # type: ignore[attr-defined]


@bp.get(f"{ACCOUNT}/Calls.json")
def list_calls(account_sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.calls(_since("StartTime>"))
    if "To" in request.args:
        found = [one for one in found if one.to == request.args["To"]]
    return _page("calls", found, lambda one: shapes.call(one, account_sid))


@bp.post(f"{ACCOUNT}/Calls.json")
def place_call(account_sid: str) -> ResponseReturnValue:
    """Take the wish that a seat be rung; it rings with the next tick."""
    to, url = request.form.get("To", ""), request.form.get("Url", "")
    if not to or not url:
        return jsonify(code=21205, message="To and Url are needed", status=400), 400
    status_url = request.form.get("StatusCallback", "")
    call = _exchange().place(to, url, status_url, clock.now())
    return jsonify(shapes.call(call, account_sid)), 201


@bp.get(f"{ACCOUNT}/Calls/<sid>/Events.json")
def list_events(account_sid: str, sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.asked(sid)
    return _page("events", found, shapes.event)


@bp.get(f"{ACCOUNT}/Recordings.json")
def list_recordings(account_sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.recordings(_since("DateCreated>"))
    return _page("recordings", found, lambda one: shapes.recording(one, account_sid))


@bp.get(f"{ACCOUNT}/Messages.json")
def list_messages(account_sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.messages(request.args.get("To", ""))
    if "DateSent<" in request.args:
        since, until = _since("DateSent>"), _since("DateSent<")
        found = [one for one in found if one.is_passed_on and since <= one.made_at <= until]
    return _page("messages", found, lambda one: shapes.message(one, account_sid))


@bp.get("/simulator/v1/Alerts")
def list_alerts() -> ResponseReturnValue:
    """What the hotline did not answer well; the interface beside the others has pages of its own
    kind.
    """
    account_sid, _token = _exchange().credentials
    found = _exchange().ledger.refused(_since("StartDate"))
    rows = [shapes.alert(one, account_sid) for one in found]
    number, size = _which_page()
    following = _address(number + 1) if (number + 1) * size < len(rows) else None
    meta = {"key": "alerts", "page": number, "page_size": size, "url": _address(number)}
    meta |= {"first_page_url": _address(0), "previous_page_url": None, "next_page_url": following}
    return jsonify(alerts=rows[number * size : (number + 1) * size], meta=meta)


@bp.get(f"{ACCOUNT}/Recordings/<sid>.wav")
def fetch_recording(account_sid: str, sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.recording(sid)
    if found is None:
        return _not_found()
    return send_file(f"{current_app.static_folder}/sounds/{found.sound}", mimetype="audio/x-wav")


@bp.delete(f"{ACCOUNT}/Recordings/<sid>.json")
def delete_recording(account_sid: str, sid: str) -> ResponseReturnValue:
    ledger = _exchange().ledger
    if ledger.recording(sid) is None:
        return _not_found()
    ledger.delete(sid)
    return "", 204


@bp.post(f"{ACCOUNT}/Messages.json")
def send_message(account_sid: str) -> ResponseReturnValue:
    """Take a short message; its receipts follow with the next tick."""
    form, exchange, at = request.form, _exchange(), clock.now()
    to, text = form.get("To", ""), form.get("Body", "")
    if not to or not text or len(text) > LONGEST_TEXT:
        return jsonify(code=21604, message="To and Body are needed", status=400), 400
    message = Message(new_sid(Message), form.get("From", ""), to, text, at)
    exchange.ledger.save(replace(message, status="sent"))
    if form.get("StatusCallback"):
        for status in ("sent", "delivered"):
            fields = {
                "AccountSid": account_sid,
                "MessageSid": message.sid,
                "MessageStatus": status,
                "From": message.from_,
                "To": message.to,
            }
            exchange.ledger.put_off(Post(message.sid, form["StatusCallback"], fields), at)
    return jsonify(shapes.message(message, account_sid)), 201


def _exchange() -> Exchange:
    exchange = adapter.exchange()
    if exchange is None:
        abort(Response(status=404))
    return exchange


def _since(name: str) -> datetime:
    given = request.args.get(name)
    if not given:
        return BEGINNING
    try:
        since = datetime.fromisoformat(given)
    except ValueError:
        abort(Response(status=400))
    return since if since.tzinfo else since.replace(tzinfo=UTC)


def _page(
    name: str, found: Sequence[One], shape: Callable[[One], dict[str, object]]
) -> ResponseReturnValue:
    """One page of a list, with the way to the next one."""
    number, size = _which_page()
    piece = [shape(one) for one in found[number * size : (number + 1) * size]]
    following = _path(number + 1) if (number + 1) * size < len(found) else None
    return jsonify(
        {
            name: piece,
            "uri": _path(number),
            "first_page_uri": _path(0),
            "next_page_uri": following,
            "previous_page_uri": _path(number - 1) if number else None,
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(len(piece) - 1, 0),
        }
    )


def _which_page() -> tuple[int, int]:
    """The number of the page that is asked for, from 0, and how many rows one has."""
    number = request.args.get("Page", 0, type=int)
    size = request.args.get("PageSize", PAGE_SIZE, type=int)
    return max(number, 0), min(max(size, 1), LARGEST_PAGE)


def _path(page: int) -> str:
    return _address(page).removeprefix(request.host_url.rstrip("/")).removeprefix("/simulator")


def _address(page: int) -> str:
    return f"{request.base_url}?{urlencode(request.args.to_dict() | {'Page': str(page)})}"


def _not_found() -> ResponseReturnValue:
    return jsonify(code=20404, message="The requested resource was not found", status=404), 404
