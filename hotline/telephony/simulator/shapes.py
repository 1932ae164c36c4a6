"""What the simulated company knows, in the shapes of Twilio's REST interface. Pure."""

import re
from email.utils import format_datetime
from http import HTTPStatus

from hotline.telephony.simulator.carrier import API_VERSION
from hotline.telephony.simulator.ledger import Asked, Call, Message, Mode, Recording

NO_CONNECTION, BAD_ANSWER = "11205", "11200"  # in Twilio's list of errors
INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def call(call: Call, account_sid: str) -> dict[str, object]:
    """A call or a leg of the list."""
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


def recording(recording: Recording, account_sid: str) -> dict[str, object]:
    """A recording of the list."""
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


def message(message: Message, account_sid: str) -> dict[str, object]:
    """A short message, as it was taken and as it is listed."""
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
        "date_sent": made_at if message.is_passed_on else None,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {},
    }


def event(asked: Asked) -> dict[str, object]:
    """One request of a call to the hotline and what came back; the fields in small letters."""
    fields = {INNER_CAPITAL.sub("_", name).lower(): value for name, value in asked.fields.items()}
    return {
        "request": {"method": "POST", "url": asked.url, "parameters": fields},
        "response": {
            "response_code": asked.code or None,
            "content_type": "text/xml",
            "date_created": format_datetime(asked.made_at),
            "request_duration": 0,
            "response_body": "",
        },
    }


def alert(asked: Asked, account_sid: str) -> dict[str, object]:
    """What the debugger says of a request that the hotline did not answer well."""
    moment = asked.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    code = BAD_ANSWER if asked.code else NO_CONNECTION
    status = HTTPStatus(asked.code).phrase if asked.code else "no connection"
    return {
        "sid": asked.sid,
        "account_sid": account_sid,
        "alert_text": f"sourceComponent=14100&httpResponse={asked.code}&Msg={status}",
        "api_version": API_VERSION,
        "date_created": moment,
        "date_generated": moment,
        "date_updated": moment,
        "error_code": code,
        "log_level": "error",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "request_method": "POST",
        "request_url": asked.url,
        "resource_sid": asked.call_sid,
        "service_sid": None,
    }
