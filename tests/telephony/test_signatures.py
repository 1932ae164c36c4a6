"""Nobody but our provider, for our account, is listened to: on every route, whatever is tried."""

import json

import pytest
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from hotline.telephony.inbound import Kind
from hotline.telephony.simulator.provider import account_of
from models import Call, Ticket, Webhook, db
from tests.telephony.company import BASE, Company, sid

ROUTES = [kind.value for kind in Kind]
ACCOUNT = "AC" + "a" * 32
TWILIO = {
    "TELEPHONY": "twilio",
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": "the token of today",
    "TWILIO_AUTH_TOKEN_PREVIOUS": "the token of yesterday",
    "TWILIO_NUMBER": "+8675512351000",
}


@pytest.fixture(params=["simulator", "twilio"])
def any_company(request, make_app):
    app = make_app(**(TWILIO if request.param == "twilio" else {}))
    with app.app_context():
        yield Company.of(app)
        db.session.remove()


def form_for(company, route):
    fields = company.fields(sid())
    if route == "recording":
        fields |= {"RecordingSid": sid("RE"), "RecordingStatus": "in-progress"}
    if route == "sms":
        fields |= {"MessageSid": sid("SM"), "MessageStatus": "queued"}
    return fields


def nothing_was_written():
    tables = (Webhook, Call, Ticket)
    return [db.session.scalar(select(func.count()).select_from(one)) for one in tables] == [0] * 3


def no_call_was_made():
    """The raw request is kept; nothing was made of it."""
    tables = (Call, Ticket)
    return [db.session.scalar(select(func.count()).select_from(one)) for one in tables] == [0] * 2


@pytest.mark.parametrize("route", ROUTES)
def test_a_signed_request_is_answered(any_company, route):
    answer = any_company.post(route, form_for(any_company, route))
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"


def _no_signature(company, route, fields):
    return company.client.post(f"/hooks/{company.provider}/{route}", data=fields)


def _a_wrong_key(company, route, fields):
    return company.post(route, fields, token="guessed")


def _the_empty_key(company, route, fields):
    return company.post(route, fields, token="")


def _an_empty_header(company, route, fields):
    return company.post(route, fields, signature="")


def _a_header_of_nonsense(company, route, fields):
    return company.post(route, fields, signature="签" * 28)


def _another_account(company, route, fields):
    return company.post(route, fields | {"AccountSid": "AC" + "0" * 32})


def _no_account(company, route, fields):
    return company.post(route, {k: v for k, v in fields.items() if k != "AccountSid"})


def _a_changed_field(company, route, fields):
    signature = signed(company, route, fields)
    return company.post(route, fields | {"From": "+8613900000000"}, signature=signature)


def _an_added_field(company, route, fields):
    signature = signed(company, route, fields)
    return company.post(route, fields | {"Extra": "1"}, signature=signature)


def _signed_for_another_route(company, route, fields):
    return company.post(route, fields, signature=signed(company, "elsewhere", fields))


def _signed_without_the_query(company, route, fields):
    return company.post(f"{route}?step=1", fields, signature=signed(company, route, fields))


def _json(company, route, fields):
    target = f"/hooks/{company.provider}/{route}"
    signature = RequestValidator(company.token).compute_signature(BASE + target, {})
    headers = {"X-Twilio-Signature": signature}
    return company.client.post(
        target, data=json.dumps(fields), headers=headers, content_type="application/json"
    )


def _a_form_of_another_kind(company, route, fields):
    target = f"/hooks/{company.provider}/{route}"
    headers = {"X-Twilio-Signature": signed(company, route, fields)}
    kind = "multipart/form-data"
    return company.client.post(target, data=fields, headers=headers, content_type=kind)


def _a_body_in_the_query(company, route, fields):
    target = f"/hooks/{company.provider}/{route}?AccountSid={company.account}"
    signature = RequestValidator(company.token).compute_signature(BASE + target, {})
    return company.client.post(target, headers={"X-Twilio-Signature": signature})


def _another_host(company, route, fields):
    """Signed for the address an attacker would like us to believe we have."""
    target = f"/hooks/{company.provider}/{route}"
    url = "http://attacker.example" + target
    signature = RequestValidator(company.token).compute_signature(url, fields)
    headers = {"X-Twilio-Signature": signature, "Host": "attacker.example"}
    return company.client.post(target, data=fields, headers=headers)


def signed(company, route, fields):
    url = f"{BASE}/hooks/{company.provider}/{route}"
    return RequestValidator(company.token).compute_signature(url, fields)


FORGERIES = [
    _no_signature,
    _a_wrong_key,
    _the_empty_key,
    _an_empty_header,
    _a_header_of_nonsense,
    _another_account,
    _no_account,
    _a_changed_field,
    _an_added_field,
    _signed_for_another_route,
    _signed_without_the_query,
    _json,
    _a_form_of_another_kind,
    _a_body_in_the_query,
    _another_host,
]


@pytest.mark.parametrize("route", ROUTES)
def test_a_forged_request_is_refused_and_leaves_no_trace(any_company, route):
    for forge in FORGERIES:
        answer = forge(any_company, route, form_for(any_company, route))
        assert answer.status_code == 403, forge.__name__
        assert answer.get_data() == b"", "not a word about why"
    assert nothing_was_written()


@pytest.mark.parametrize("route", ROUTES)
def test_the_provider_that_was_not_chosen_is_not_there(any_company, route):
    other = "twilio" if any_company.provider == "simulator" else "simulator"
    fields = form_for(any_company, route)
    assert any_company.post(route, fields, provider=other).status_code == 404
    assert any_company.post(route, fields, provider="nobody").status_code == 404
    assert nothing_was_written()


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_takes_posts_at_one_address_only(any_company, route):
    address = f"/hooks/{any_company.provider}/{route}"
    assert any_company.client.get(address).status_code == 405
    assert any_company.post(f"{route}/", form_for(any_company, route)).status_code == 404
    assert nothing_was_written()


def test_a_replayed_request_is_answered_and_changes_nothing(any_company):
    fields = any_company.fields(sid())
    first = any_company.say("voice", fields)
    assert any_company.say("voice", fields) == first
    assert db.session.scalar(select(func.count()).select_from(Webhook)) == 1
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 1


def test_both_tokens_count_while_the_token_is_being_changed(make_app):
    app = make_app(**TWILIO)
    with app.app_context():
        company = Company.of(app)
        for token, status in (
            ("the token of today", 200),
            ("the token of yesterday", 200),
            ("the token of last year", 403),
        ):
            assert company.post("voice", company.fields(sid()), token=token).status_code == status


def test_without_a_second_token_the_empty_one_does_not_count(make_app):
    app = make_app(**TWILIO | {"TWILIO_AUTH_TOKEN_PREVIOUS": ""})
    with app.app_context():
        company = Company.of(app)
        assert company.post("voice", company.fields(sid()), token="").status_code == 403
        assert company.post("voice", company.fields(sid())).status_code == 200


def test_names_that_slide_into_values_do_not_pass(company):
    """CallSid=CA1… and CallSidCA=1… carry the same signature; the second says nothing."""
    call = sid()
    fields = company.fields(call)
    signature = signed(company, "voice", fields)
    del fields["CallSid"]
    slid = fields | {f"CallSid{call[:2]}": call[2:]}
    assert company.post("voice", slid, signature=signature).status_code == 400
    assert no_call_was_made()


@pytest.mark.parametrize(
    "wrong", [{"CallSid": "CA1"}, {"CallStatus": "asleep"}, {"Direction": "x"}]
)
def test_a_signed_form_that_says_nothing_is_refused(company, wrong):
    answer = company.post("voice", company.fields(sid()) | wrong)
    assert answer.status_code == 400
    assert no_call_was_made()


def test_chinese_in_the_address_is_verified_as_it_was_sent(company):
    fields = company.fields(sid())
    answer = company.post("voice?step=%E6%B3%95", fields)
    assert answer.status_code == 400, "verified, then refused for what the step says"
    assert answer.status_code != 403


@pytest.mark.parametrize("header", ["Basic é", "Basic 1", "Basic", "Bearer x", "Basic OjA="])
def test_the_simulated_company_asks_for_its_password(app, header):
    """Also when the header is not even ASCII, as no client of ours would send it."""
    account = account_of(app.config["SECRET_KEY"])
    answer = app.test_client().get(
        f"/simulator/2010-04-01/Accounts/{account}/Calls.json", headers={"Authorization": header}
    )
    assert answer.status_code == 401
