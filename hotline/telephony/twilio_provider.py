"""Twilio, and whoever speaks its language at another address. The SDK lives here only."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from hotline.logs import MASKED, NUMBER
from hotline.telephony import inbound
from hotline.telephony.form_fields import Fields
from hotline.telephony.inbound import Event, Kind
from hotline.telephony.provider import (
    Exchanged,
    Permanent,
    Posted,
    Refusal,
    Retryable,
    SignedRequest,
    Sound,
    Unknown,
)

SECONDS_TO_ANSWER = 10.0  # the SDK itself would wait for ever
LARGEST_SOUND, A_PIECE = 50 * 1024 * 1024, 64 * 1024
PAGE_SIZE, LARGEST_PAGE = 200, 1000
NOT_OURS = {requests.codes.unauthorized, requests.codes.forbidden, requests.codes.not_found}
FORM = "application/x-www-form-urlencoded"
AT_TWILIO, MAINLAND = "https://api.twilio.com", "+86"  # no calls there since November 2023
SECONDS_TO_PICK_UP = 25  # of an operator who has asked to be rung
SEAT_LINE = re.compile(r"(sip:[^\s@]+@[^\s@]+|\+[1-9]\d{6,14})")


class TwilioProvider:
    """One account at Twilio."""

    name = "twilio"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_tokens: tuple[str, ...],
        api_base_url: str,
        public_base_url: str,
        number: str,
    ) -> None:
        """`auth_tokens` are accepted in signatures, the first one signs our own requests.

        An empty token is no token: anybody can sign with the empty key.
        """
        self.account_sid = account_sid
        self.number = number
        self._public_base_url = public_base_url
        self._validators = [RequestValidator(token) for token in auth_tokens if token]
        self._auth = (account_sid, auth_tokens[0])
        self._api_base_url = api_base_url
        self._http = TwilioHttpClient(timeout=SECONDS_TO_ANSWER)
        self._client = Client(*self._auth, http_client=self._http)
        self._client.api.base_url = api_base_url
        self._client.monitor.base_url = api_base_url.replace("//api.", "//monitor.", 1)

    def verify(self, request: SignedRequest) -> bool:
        if request.content_type.partition(";")[0].strip().lower() != FORM:
            return False
        if not request.target.startswith("/"):
            return False  # an absolute-form target would move our address into the signature
        if list(request.fields.get("AccountSid", ())) != [self.account_sid]:
            return False
        url = self._public_base_url + request.target
        signature = request.headers.get("X-Twilio-Signature", "")
        fields = _MultiDict(request.fields)
        return any(v.validate(url, fields, signature) for v in self._validators)

    def signed(self, target: str) -> SignedRequest:
        """A request to `target` as it would come for our account: to try ourselves with."""
        fields = {"AccountSid": [self.account_sid]}
        url = self._public_base_url + target
        signature = self._validators[0].compute_signature(url, _MultiDict(fields))
        return SignedRequest(target, fields, FORM, {"X-Twilio-Signature": signature})

    def clock(self) -> datetime:
        """What time it is over there, told beside what it says of our account."""
        url = f"{self._api_base_url}/2010-04-01/Accounts/{self.account_sid}.json"
        with _errors_in_our_words(changes_something=False):
            answer = self._http.session.get(url, auth=self._auth, timeout=SECONDS_TO_ANSWER)
        if not answer.ok:
            kind = Permanent if answer.status_code in NOT_OURS else Retryable
            raise kind(f"the provider answered {answer.status_code}")
        try:
            return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
        except ValueError as error:
            raise Retryable("the provider did not say what time it is") from error

    def parse(self, kind: Kind, fields: Fields, query: Fields) -> Event:
        return inbound.parse(kind, fields, query)

    def line_of_seat(self, user_id: int, line: str) -> str:
        return line if SEAT_LINE.fullmatch(line) else ""

    def seat_of_line(self, line: str) -> int | None:
        return None

    def reaches(self, number: str) -> bool:
        return not (self._api_base_url == AT_TWILIO and number.startswith(MAINLAND))

    def place_call(self, *, to: str, connect_url: str, status_url: str) -> str:
        with _errors_in_our_words(changes_something=True):
            call = self._client.calls.create(
                to=to,
                from_=self.number,
                url=connect_url,
                method="POST",
                status_callback=status_url,
                status_callback_event=["answered", "completed"],
                status_callback_method="POST",
                timeout=SECONDS_TO_PICK_UP,
            )
        return str(call.sid)

    def list_placed(self, *, to: str, since: datetime) -> Iterator[str]:
        with _errors_in_our_words(changes_something=False):
            # Not by the time it began: what still waits over there has none.
            for call in self._client.calls.stream(to=to, page_size=PAGE_SIZE):
                if call.date_created is not None and call.date_created < since:
                    return  # the newest come first
                if call.direction == "outbound-api":
                    yield str(call.sid)

    def send_sms(self, *, to: str, text: str, status_url: str) -> str:
        with _errors_in_our_words(changes_something=True):
            message = self._client.messages.create(
                to=to, from_=self.number, body=text, status_callback=status_url
            )
        return str(message.sid)

    def list_calls(self, *, since: datetime) -> Iterator[Fields]:
        with _errors_in_our_words(changes_something=False):
            calls = self._client.calls.list(start_time_after=since, page_size=PAGE_SIZE)
        return map(_status_fields, calls)

    def list_recordings(self, *, since: datetime) -> Iterator[Fields]:
        with _errors_in_our_words(changes_something=False):
            found = self._client.recordings.list(date_created_after=since, page_size=PAGE_SIZE)
        return (_recording_fields(one) for one in found if one.status == "completed")

    def list_refusals(self, *, since: datetime) -> Iterator[Refusal]:
        try:
            with _errors_in_our_words(changes_something=False):
                found = self._client.monitor.v1.alerts.list(start_date=since, page_size=PAGE_SIZE)
        except Permanent:  # relatives of Twilio keep no such list
            return iter(())
        told = ((one, self._route(one.request_url)) for one in found)
        return (_refusal(one, route) for one, route in told if route)

    def list_exchanges(self, call_ref: str) -> list[Exchanged]:
        with _errors_in_our_words(changes_something=False):
            found = self._client.calls(call_ref).events.list(page_size=PAGE_SIZE)
        asked = ((self._route((one.request or {}).get("url")), one.response or {}) for one in found)
        return [
            Exchanged(route, int(answer.get("response_code") or 0))
            for route, answer in asked
            if route
        ]

    def list_messages(
        self, *, to: str, since: datetime, until: datetime | None = None
    ) -> Iterator[Posted]:
        times = {} if until is None else {"date_sent_after": since, "date_sent_before": until}
        with _errors_in_our_words(changes_something=False):
            for one in self._client.messages.stream(to=to, page_size=LARGEST_PAGE, **times):
                if one.date_created is not None and one.date_created < since:
                    return  # the newest come first
                yield Posted(one.sid, one.body or "", str(one.status))

    def fetch_recording(self, recording_ref: str) -> Sound:
        url = f"{self._api_base_url}{self._recording_path(recording_ref)}.wav"
        with (
            _errors_in_our_words(changes_something=False),
            self._http.session.get(
                url, auth=self._auth, timeout=SECONDS_TO_ANSWER, stream=True
            ) as response,
        ):
            if response.status_code == requests.codes.not_found:
                raise Retryable("the recording is not there yet")
            if not response.ok:
                raise Retryable(f"the provider answered {response.status_code}")
            content = _whole(response)
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Sound(content_type, content)

    def delete_recording(self, recording_ref: str) -> None:
        with _errors_in_our_words(changes_something=False):
            try:
                self._client.recordings(recording_ref).delete()
            except TwilioRestException as error:
                if error.status != requests.codes.not_found:
                    raise

    def _route(self, url: Any) -> str:
        """Which of our webhooks an address is; "" for any other address."""
        before = f"{self._public_base_url}/hooks/{self.name}/"
        address = str(url or "").partition("#")[0].partition("?")[0]
        return address.removeprefix(before) if address.startswith(before) else ""

    def _recording_path(self, recording_ref: str) -> str:
        return f"/2010-04-01/Accounts/{self.account_sid}/Recordings/{recording_ref}"


class _MultiDict:
    """The fields as the validator wants to read them: every value of a repeated name is signed."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def getlist(self, name: str) -> list[str]:
        return list(self._fields[name])


def _status_fields(call: Any) -> Fields:
    """A call of the list as if its last status webhook had come."""
    return _present(
        CallSid=call.sid,
        ParentCallSid=call.parent_call_sid,
        From=call._from,
        To=call.to,
        CallStatus=call.status,
        Direction=call.direction,
        CallDuration=call.duration,
        Timestamp=format_datetime(call.end_time or call.start_time)
        if call.end_time or call.start_time
        else None,
    )


def _recording_fields(recording: Any) -> Fields:
    return _present(
        CallSid=recording.call_sid,
        RecordingSid=recording.sid,
        RecordingStatus=recording.status,
        RecordingDuration=recording.duration,
        RecordingSource=recording.source,
        Timestamp=format_datetime(recording.date_created) if recording.date_created else None,
    )


def _refusal(alert: Any, route: str) -> Refusal:
    return Refusal(
        ref=alert.sid,
        call_ref=alert.resource_sid or "",
        route=route,
        code=alert.error_code or "",
        at=alert.date_generated or alert.date_created,
    )


def _present(**fields: str | None) -> Fields:
    return {name: [value] for name, value in fields.items() if value}


def _whole(response: requests.Response) -> bytes:
    """All of a sound; requests raises when the connection breaks before its end."""
    content = bytearray()
    for piece in response.iter_content(A_PIECE):
        content += piece
        if len(content) > LARGEST_SOUND:
            raise Permanent("the recording is larger than we keep")
    return bytes(content)


@contextmanager
def _errors_in_our_words(*, changes_something: bool) -> Iterator[None]:
    """Translate what the SDK and its HTTP library raise; the company likes to repeat numbers.

    Without an answer, a request that changes something may have been carried out: Unknown; not so
    where nobody was reached. An answer that does not arrive whole is none.
    """
    lost: type[Unknown | Retryable] = Unknown if changes_something else Retryable
    try:
        yield
    except (TwilioException, requests.RequestException) as error:
        status = _status_of(error)
        if _reached_nobody(error) or status == requests.codes.too_many_requests:
            raise Retryable(_said(error)) from error
        if status is not None and status < requests.codes.internal_server_error:
            raise Permanent(_said(error)) from error
        raise lost(_said(error)) from error


def _reached_nobody(error: Exception) -> bool:
    """Whether there was no connection: what was to be changed certainly is not."""
    whole = error.args[0] if error.args else None
    why = getattr(whole, "reason", None)  # of urllib3's MaxRetryError
    return isinstance(error, requests.ConnectTimeout) or isinstance(why, NewConnectionError)


def _said(error: Exception) -> str:
    """The words of an error without numbers: they are kept, and shown beside masked ones."""
    return NUMBER.sub(MASKED, str(error))


def _status_of(error: Exception) -> int | None:
    """What the company answered; None when no answer came. The SDK tells it in two ways."""
    if isinstance(error, TwilioRestException):
        return int(error.status)
    answers = (getattr(one, "status_code", None) for one in error.args)
    return next((int(one) for one in answers if one is not None), None)
