"""Twilio's published description judges what our client sends and what the simulator answers."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from hotline.telephony.provider import Permanent, Retryable, Unknown
from hotline.telephony.simulator.ledger import Asked, Call, Mode, Recording, new_sid
from hotline.telephony.twilio_provider import TwilioProvider
from tests.ports import free_port
from tests.telephony.company import sid
from tests.telephony.server import serving

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT.parent / "shared" / "contracts" / "twilio_api_v2010.subset.json"
NOW = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
HOOKS = "http://127.0.0.1/hooks/simulator"
ACCOUNT = "AC" + "a" * 32


@pytest.fixture(scope="module")
def contract():
    """Twilio's description, and the names each operation knows: a form may hold no others."""
    if not CONTRACT.exists():
        pytest.skip("the published contract does not lie beside this checkout")
    description = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return OpenAPI.from_dict(description), description


class Recorder(requests.adapters.BaseAdapter):
    """Sends on what the client sends, and keeps question and answer to be judged."""

    def __init__(self, onward=None):
        super().__init__()
        self.exchanged, self._onward = [], onward
        self._inner = requests.adapters.HTTPAdapter()

    def send(self, request, **options):
        answer = self._onward(request) if self._onward else self._inner.send(request, **options)
        self.exchanged.append((request, answer))
        return answer

    def close(self):
        self._inner.close()


def judge(contract, exchanged):
    """Hold every question and answer against the description, as if sent to api.twilio.com."""
    openapi, description = contract
    assert exchanged
    for question, answer in exchanged:
        at_twilio = question.copy()
        parts = urlsplit(question.url)
        path = parts.path.removeprefix("/simulator")
        if path.endswith(".wav"):
            continue  # the media beside the description
        query = f"?{parts.query}" if parts.query else ""
        at_twilio.url = f"https://api.twilio.com{path}{query}"
        asked = RequestsOpenAPIRequest(at_twilio)
        openapi.validate_request(asked)
        openapi.validate_response(asked, RequestsOpenAPIResponse(answer))
        operation = operation_of(description, path, question.method.lower())
        known = {one["name"] for one in operation.get("parameters", [])}
        assert set(parse_qs(parts.query)) <= known
        if question.body:
            body = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
            text = question.body if isinstance(question.body, str) else question.body.decode()
            assert set(parse_qs(text)) <= set(body["schema"]["properties"])


def operation_of(description, path, method):
    for template, operations in description["paths"].items():
        ours, theirs = path.split("/"), template.split("/")
        if len(ours) == len(theirs) and all(
            a == b or ("{" in b and a.endswith(b.partition("}")[2]))
            for a, b in zip(ours, theirs, strict=True)
        ):
            return operations[method]
    raise AssertionError(f"no such address: {path}")


def listen(provider, onward=None):
    recorder = Recorder(onward)
    provider._http.session.mount("http://", recorder)
    provider._http.session.mount("https://", recorder)
    return recorder


@pytest.fixture
def live(make_app):
    with serving(make_app) as app:
        yield app


def use_everything(provider, recording_ref):
    """Every request our client knows how to send."""
    calls = list(provider.list_calls(since=NOW - timedelta(days=2)))
    sounds = list(provider.list_recordings(since=NOW - timedelta(days=2)))
    url = "https://hotline.example/hooks/twilio/sms#rc=3&rp=5xx,ct,rt"
    provider.send_sms(to="+8613490010001", text="您好，刚才没接到您的来电。", status_url=url)
    provider.delete_recording(recording_ref)
    assert [one.text for one in provider.list_messages(to="+8613490010001", since=NOW)]
    provider.list_exchanges(calls[0]["CallSid"][0])
    hook = "https://hotline.example/hooks/twilio/outgoing?intent=1"
    placed = provider.place_call(
        to="sip:seat-1@simulator.invalid", connect_url=hook, status_url=url
    )
    assert placed in list(provider.list_placed(to="sip:seat-1@simulator.invalid", since=NOW))
    return calls, sounds


def test_what_our_client_sends_and_what_the_simulator_answers(live, contract):
    exchange, provider = live.extensions["exchange"], live.extensions["telephony"]
    call = Call(new_sid(Call), "+8613490010001", "12351", "inbound", NOW)
    leg = Call(new_sid(Call), call.from_, "sip:seat-1@simulator.invalid", "outbound-dial", NOW)
    leg.parent_sid, leg.status = call.sid, "no-answer"
    for one in (call, leg):
        one.ended_at, one.mode = NOW + timedelta(seconds=40), Mode.ENDED
        one.status = "completed" if one is call else one.status
        exchange.ledger.save(one)
    sound = Recording(new_sid(Recording), call.sid, NOW, "RecordVerb", "message.wav", 6)
    exchange.ledger.save(sound)
    for one in (call, leg):
        asked = Asked(new_sid(Asked), one.sid, f"{HOOKS}/voice", {"CallSid": one.sid}, NOW, 200)
        exchange.ledger.save(asked)

    recorder = listen(provider)
    calls, sounds = use_everything(provider, sound.sid)
    assert {fields["CallSid"][0] for fields in calls} == {call.sid, leg.sid}
    (ended,) = [fields for fields in calls if fields["CallSid"] == [call.sid]]
    assert (ended["CallStatus"], ended["CallDuration"]) == (["completed"], ["40"])
    assert [fields["RecordingSid"] for fields in sounds] == [[sound.sid]]
    assert len(recorder.exchanged) == 8
    judge(contract, recorder.exchanged)


@pytest.fixture
def twilio():
    return TwilioProvider(
        account_sid=ACCOUNT,
        auth_tokens=("token", ""),
        api_base_url="https://api.twilio.com",
        public_base_url="https://hotline.example",
        number="+8675512351000",
    )


def answer_with(status, body="", headers=None):
    def onward(request):
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url
        answer._content = body.encode()
        answer.headers.update({"Content-Type": "application/json"} | (headers or {}))
        return answer

    return onward


def test_the_client_speaks_to_the_account_at_the_right_address(twilio):
    recorder = listen(twilio, answer_with(200, '{"calls": []}'))
    assert list(twilio.list_calls(since=NOW)) == []
    ((request, _),) = recorder.exchanged
    assert request.url.startswith(
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    )
    assert request.headers["Authorization"].startswith("Basic ")


def test_what_we_answered_badly_is_asked_of_the_monitor(twilio):
    """Every page of it, at an address of its own; what is not about our webhooks is left out."""

    def onward(request):
        following = "PageToken" not in request.url
        url = (
            "https://hotline.example/hooks/twilio/voice?step=1"
            if following
            else "https://x.example/"
        )
        alert = {"sid": sid("NO"), "resource_sid": "CA1", "error_code": "11200", "request_url": url}
        alert |= {"date_generated": "2026-11-16T01:00:00Z", "date_created": "2026-11-16T01:00:00Z"}
        more = "https://monitor.twilio.com/v1/Alerts?PageToken=2" if following else None
        meta = {"key": "alerts", "next_page_url": more}
        return answer_with(200, json.dumps({"alerts": [alert], "meta": meta}))(request)

    recorder = listen(twilio, onward)
    (refusal,) = twilio.list_refusals(since=NOW)
    assert (refusal.route, refusal.code, refusal.call_ref) == ("voice", "11200", "CA1")
    urls = [request.url for request, _ in recorder.exchanged]
    assert len(urls) == 2
    assert urls[0].startswith("https://monitor.twilio.com/v1/Alerts?StartDate=2026-11-16")


def test_a_relative_without_alerts_is_reconciled_all_the_same(twilio):
    listen(twilio, answer_with(404, '{"code": 20404, "message": "no such thing", "status": 404}'))
    assert list(twilio.list_refusals(since=NOW)) == []


def ask(provider):
    return list(provider.list_calls(since=NOW))


def place(provider):
    return provider.place_call(to="+85235001234", connect_url="https://h.example/o",
                               status_url="https://h.example/s")  # fmt: skip


def send(provider):
    return provider.send_sms(to="+8613490010001", text="x", status_url="https://h.example/s")


REFUSED = '{"code": 21211, "message": "no such number", "status": 400}'


@pytest.mark.parametrize(
    ("do", "status", "error"),
    [
        (ask, 429, Retryable),
        (ask, 500, Retryable),
        (send, 429, Retryable),
        (send, 400, Permanent),
        (send, 500, Unknown),  # it may have been sent: look before sending again
        (send, 503, Unknown),
        (place, 429, Retryable),
        (place, 400, Permanent),
        (place, 500, Unknown),  # it may ring: look, and never ask again
    ],
)
def test_refusals_say_whether_to_ask_again(twilio, do, status, error):
    listen(twilio, answer_with(status, REFUSED))
    with pytest.raises(error):
        do(twilio)


REPEATS = '{"code": 21211, "message": "+8613490010001 is not reachable", "status": 400}'


def test_what_the_company_says_of_a_refusal_is_kept_without_the_number(twilio):
    """It is shown to who sees the number masked, and who looks at it whole is written down."""
    listen(twilio, answer_with(400, REPEATS))
    with pytest.raises(Permanent) as refused:
        send(twilio)
    assert ("13490010001" in str(refused.value), "not reachable" in str(refused.value)) == (
        False,
        True,
    )


def lost(error):
    def onward(request):
        raise error

    return onward


@pytest.mark.parametrize(
    ("do", "fault", "error"),
    [
        (ask, requests.ConnectionError("reset"), Retryable),
        (ask, requests.ReadTimeout("late"), Retryable),
        (send, requests.ConnectTimeout("nobody there"), Retryable),
        (send, requests.ConnectionError("reset"), Unknown),
        (send, requests.ReadTimeout("late"), Unknown),
        (place, requests.ConnectTimeout("nobody there"), Retryable),
        (place, requests.ReadTimeout("late"), Unknown),
    ],
)
def test_a_lost_answer_is_unknown_where_it_might_be_done(twilio, do, fault, error):
    listen(twilio, lost(fault))
    with pytest.raises(error):
        do(twilio)


@pytest.mark.parametrize("do", [ask, send, place])
def test_where_nobody_was_reached_nothing_was_done(do):
    """The network is away: nothing is in doubt, all of it is tried again."""
    provider = TwilioProvider(
        account_sid=ACCOUNT,
        auth_tokens=("token", ""),
        api_base_url=f"http://127.0.0.1:{free_port()}",
        public_base_url="https://hotline.example",
        number="+8675512351000",
    )
    with pytest.raises(Retryable):
        do(provider)


def test_a_recording_that_is_gone_already_is_deleted(twilio):
    recorder = listen(twilio, answer_with(404, '{"code": 20404, "message": "gone", "status": 404}'))
    twilio.delete_recording(sid("RE"))
    assert [request.method for request, _ in recorder.exchanged] == ["DELETE"]


def test_the_client_does_not_wait_for_ever(twilio):
    assert twilio._http.timeout == 10.0


def test_who_has_no_line_cannot_be_rung(twilio):
    assert twilio.line_of_seat(7, "+8675512351001") == "+8675512351001"
    assert twilio.line_of_seat(7, "sip:seven@pbx.example") == "sip:seven@pbx.example"
    for wrong in ("", "12351", "sip:", "+86 755 1235 1001", "<Hangup/>"):
        assert twilio.line_of_seat(7, wrong) == ""
