"""The simulated company's REST interface, in the shape of Twilio's: what we reconcile against."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

from flask import Blueprint, Response, abort, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.extensions import csrf
from hotline.telephony import adapter
from hotline.telephony.simulator.carrier import API_VERSION
from hotline.telephony.simulator.exchange import Exchange
from hotline.telephony.simulator.ledger import Call, Message, Mode, Post, Recording, new_sid

bp = Blueprint("simulator_rest", __name__)
csrf.exempt(bp)
ACCOUNT = f"/simulator/{API_VERSION}/Accounts/<account_sid>"
LONGEST_TEXT = 1600
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
    if (request.view_args or {}).get("account_sid") != sid:
        abort(Response(status=404))


verify_credentials.is_guard = True  # type: ignore[attr-defined]


@bp.get(f"{ACCOUNT}/Calls.json")
def list_calls(account_sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.calls(_since("StartTime>"))
    return _page("calls", (_call(one, account_sid) for one in found))


@bp.get(f"{ACCOUNT}/Recordings.json")
def list_recordings(account_sid: str) -> ResponseReturnValue:
    found = _exchange().ledger.recordings(_since("DateCreated>"))
    return _page("recordings", (_recording(one, account_sid) for one in found))


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
    exchange.ledger.save(message)
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
    return jsonify(_message(message, account_sid)), 201


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


def _page(name: str, items: Iterable[dict[str, object]]) -> ResponseReturnValue:
    """One page with everything: a ledger of two days fits into it."""
    rows = list(items)
    path = request.full_path.rstrip("?").removeprefix("/simulator")
    return jsonify(
        {
            name: rows,
            "uri": path,
            "first_page_uri": path,
            "next_page_uri": None,
            "previous_page_uri": None,
            "page": 0,
            "page_size": max(len(rows), 50),
            "start": 0,
            "end": max(len(rows) - 1, 0),
        }
    )


def _call(call: Call, account_sid: str) -> dict[str, object]:
    path = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": account_sid,
        "parent_call_sid": call.parent_sid or None,
        "from": call.from_,
        "from_formatted": call.from_,
        "to": call.to,
        "to_formatted": call.to,
        "direction": call.direction,
        "status": "queued" if call.status == "initiated" else call.status,
        "date_created": format_datetime(call.made_at),
        "date_updated": format_datetime(call.ended_at or call.made_at),
        "start_time": format_datetime(call.made_at),
        "end_time": format_datetime(call.ended_at) if call.ended_at else None,
        "duration": str(call.seconds) if call.mode is Mode.ENDED else None,
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "uri": f"{path}.json",
        "subresource_uris": {"recordings": f"{path}/Recordings.json"},
    }


def _recording(recording: Recording, account_sid: str) -> dict[str, object]:
    path = f"/{API_VERSION}/Accounts/{account_sid}/Recordings/{recording.sid}"
    made_at = format_datetime(recording.made_at)
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "call_sid": recording.call_sid,
        "api_version": API_VERSION,
        "channels": 1,
        "date_created": made_at,
        "date_updated": made_at,
        "start_time": made_at,
        "duration": str(recording.seconds),
        "price": None,
        "price_unit": "USD",
        "source": recording.source,
        "status": "completed",
        "error_code": None,
        "uri": f"{path}.json",
        "subresource_uris": {},
    }


def _message(message: Message, account_sid: str) -> dict[str, object]:
    path = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    made_at = format_datetime(message.made_at)
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.text,
        "from": message.from_,
        "to": message.to,
        "direction": "outbound-api",
        "status": message.status,
        "num_segments": "1",
        "num_media": "0",
        "date_created": made_at,
        "date_updated": made_at,
        "date_sent": None,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {},
    }


def _not_found() -> ResponseReturnValue:
    return jsonify(code=20404, message="The requested resource was not found", status=404), 404
