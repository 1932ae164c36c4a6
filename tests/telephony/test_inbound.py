"""Reading webhooks strictly: what fits becomes a typed value, the rest a refusal."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony import inbound
from hotline.telephony.form_fields import Malformed
from hotline.telephony.inbound import (
    CallProgress,
    DialEnded,
    DialStatus,
    IncomingCall,
    Kind,
    MessageLeft,
    MessageReceipt,
    ProviderStatus,
    RecordingReady,
)

CALL, LEG, SOUND = "CA" + "1" * 32, "CA" + "2" * 32, "RE" + "3" * 32
NOW = "Mon, 16 Nov 2026 01:30:00 +0000"


def form(**fields):
    basic = {"CallSid": CALL, "From": "+8613490010001", "To": "+8675512351000"}
    basic |= {"CallStatus": "ringing", "Direction": "inbound"}
    return {name: [value] for name, value in (basic | fields).items() if value is not None}


def parse(kind, query=None, **fields):
    return inbound.parse(kind, form(**fields), query or {})


def test_an_incoming_call_says_who_rings_whom():
    call = parse(Kind.VOICE)
    assert isinstance(call, IncomingCall)
    assert (call.call_ref, call.from_raw, call.is_inbound) == (CALL, "+8613490010001", True)
    assert call.status is ProviderStatus.RINGING


def test_a_leg_names_its_call_and_its_step():
    leg = parse(
        Kind.STATUS,
        {"step": ["2"]},
        CallSid=LEG,
        ParentCallSid=CALL,
        Direction="outbound-dial",
        CallStatus="completed",
        SequenceNumber="3",
        Timestamp=NOW,
        CallDuration="61",
    )
    assert isinstance(leg, CallProgress)
    assert (leg.parent_ref, leg.step, leg.sequence, leg.is_inbound) == (CALL, 2, 3, False)
    assert leg.happened_at == datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
    assert leg.duration == timedelta(seconds=61)


def test_a_ring_that_is_over_and_a_wait_that_is_over():
    assert parse(Kind.DIAL, DialCallStatus="no-answer").dial_status is DialStatus.NO_ANSWER
    waited = parse(Kind.DIAL)
    assert isinstance(waited, DialEnded)
    assert waited.dial_status is None


def test_a_recording_needs_no_caller():
    fields = {"CallSid": [CALL], "RecordingSid": [SOUND], "RecordingStatus": ["completed"]}
    sound = inbound.parse(Kind.RECORDING, fields | {"RecordingDuration": ["7"]}, {})
    assert isinstance(sound, RecordingReady)
    assert (sound.is_voicemail, sound.duration) == (True, timedelta(seconds=7))
    of_a_call = inbound.parse(Kind.RECORDING, fields | {"RecordingSource": ["DialVerb"]}, {})
    assert not of_a_call.is_voicemail


def test_a_message_and_a_receipt():
    left = parse(Kind.VOICEMAIL, RecordingSid=SOUND, RecordingDuration="12")
    assert isinstance(left, MessageLeft)
    assert (left.recording_ref, left.duration) == (SOUND, timedelta(seconds=12))
    receipt = inbound.parse(
        Kind.SMS,
        {"MessageSid": ["SM" + "4" * 32], "MessageStatus": ["failed"], "ErrorCode": ["30008"]},
        {},
    )
    assert isinstance(receipt, MessageReceipt)
    assert (receipt.status, receipt.error_code) == ("failed", "30008")


def test_fields_nobody_has_heard_of_are_no_reason_to_refuse():
    assert parse(Kind.VOICE, StirVerstat="TN-Validation-Passed-A", 新="x").call_ref == CALL


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Kind.VOICE, {"CallSid": None}),
        (Kind.VOICE, {"CallSid": "CA1"}),
        (Kind.VOICE, {"CallSid": CALL + "0"}),
        (Kind.VOICE, {"CallSid": CALL + "\n"}),
        (Kind.VOICE, {"CallSid": "RE" + "1" * 32}),
        (Kind.VOICE, {"CallStatus": "asleep"}),
        (Kind.VOICE, {"Direction": "sideways"}),
        (Kind.VOICE, {"ParentCallSid": "1"}),
        (Kind.STATUS, {"CallStatus": None}),
        (Kind.STATUS, {"SequenceNumber": "-1"}),
        (Kind.STATUS, {"SequenceNumber": "1e3"}),
        (Kind.STATUS, {"Timestamp": "yesterday"}),
        (Kind.STATUS, {"Timestamp": "Fri, 31 Dec 9999 23:59:59 -1200"}),
        (Kind.STATUS, {"CallDuration": "１２"}),
        (Kind.DIAL, {"DialCallStatus": "perhaps"}),
        (Kind.MENU, {"Digits": "1; DROP"}),
        (Kind.VOICEMAIL, {"RecordingSid": "RE1"}),
        (Kind.RECORDING, {}),
        (Kind.RECORDING, {"RecordingSid": SOUND, "RecordingStatus": "nearly"}),
        (Kind.SMS, {}),
        (Kind.SMS, {"MessageSid": "SM1", "MessageStatus": "sent"}),
    ],
)
def test_what_does_not_fit_is_refused(kind, wrong):
    with pytest.raises(Malformed):
        parse(kind, **wrong)


def test_a_known_field_given_twice_is_refused():
    with pytest.raises(Malformed):
        inbound.parse(Kind.VOICE, form() | {"CallSid": [CALL, LEG]}, {})


@pytest.mark.parametrize("query", [{"step": ["x"]}, {"step": ["100"]}, {"step": ["1"], "a": ["b"]}])
def test_the_query_carries_the_step_and_nothing_else(query):
    with pytest.raises(Malformed):
        parse(Kind.DIAL, query)


def test_two_facts_have_two_keys_and_two_deliveries_one():
    def key(kind=Kind.STATUS, query=None, **fields):
        return parse(kind, query, **fields).event_key

    assert key(Kind.VOICE) == key(Kind.VOICE, StirVerstat="x")
    keys = {
        key(Kind.VOICE),
        key(Kind.DIAL, {"step": ["1"]}),
        key(Kind.DIAL, {"step": ["2"]}),
        key(Kind.MENU, {"step": ["1"]}, Digits="9"),
        key(Kind.MENU, {"step": ["2"]}, Digits="9"),
        key(CallStatus="ringing", SequenceNumber="0"),
        key(CallStatus="ringing", SequenceNumber="1"),
        key(CallStatus="completed"),
        key(CallStatus="completed", CallSid=LEG),
    }
    assert len(keys) == 9
    assert all(len(one) <= 200 for one in keys)


@given(
    st.sampled_from([kind for kind in Kind if kind is not Kind.FALLBACK]),
    st.dictionaries(
        st.sampled_from(
            ["CallSid", "From", "CallStatus", "Direction", "Timestamp", "RecordingSid", "Digits"]
        ),
        st.lists(st.text(max_size=40), min_size=1, max_size=2),
    ),
)
def test_no_form_from_outside_does_anything_but_fit_or_be_refused(kind, fields):
    try:
        event = inbound.parse(kind, fields, {})
    except Malformed:
        return
    assert event.kind is kind


def test_whoever_rings_is_let_in_whatever_their_telephone_calls_itself():
    """A caller's name is cut to what can be kept; refusing it would leave the caller unheard."""
    sip = "sip:" + "a" * 90 + "@example.org\n"
    event = parse(Kind.VOICE, From=sip)
    assert event.from_raw == sip[:64]
