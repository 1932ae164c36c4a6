"""What we say to the telephone company, judged by a list of what it understands."""

from xml.etree import ElementTree as ET

import pytest

from hotline.telephony import flow, prompts, twiml
from hotline.telephony.flow import Hooks

HOOKS = Hooks("https://hotline.example", "twilio")
# Verbs and attributes of the TwiML reference, of those verbs that every relative of Twilio carries
# out (Somleng, SignalWire, Telnyx).
ALLOWED = {
    "Response": set(),
    "Say": {"voice", "loop", "language"},
    "Play": {"loop", "digits"},
    "Gather": {
        *("input", "action", "method", "timeout", "finishOnKey", "numDigits", "language", "hints"),
        *("actionOnEmptyResult", "speechTimeout"),
    },
    "Record": {
        *("action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim"),
        *("recordingStatusCallback", "recordingStatusCallbackMethod"),
        "recordingStatusCallbackEvent",
    },
    "Dial": {
        *("action", "method", "timeout", "timeLimit", "callerId", "record", "answerOnBridge"),
        *("recordingStatusCallback", "recordingStatusCallbackMethod"),
    },
    "Number": {"statusCallback", "statusCallbackEvent", "statusCallbackMethod", "url", "method"},
    "Sip": {"statusCallback", "statusCallbackEvent", "statusCallbackMethod", "url", "method"},
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
}
NESTED = {"Gather": {"Say", "Play"}, "Dial": {"Number", "Sip"}}
FLOWS = {
    "greeting": flow.greet("青澜区总工会", is_recorded=True) + flow.connecting(),
    "ring a page": flow.ring(
        HOOKS, step=1, line="sip:seat-7@simulator.invalid", seconds=15, is_recorded=True
    ),
    "ring a telephone": flow.ring(
        HOOKS, step=2, line="+8675512351001", seconds=15, is_recorded=False
    ),
    "wait": flow.all_busy() + flow.wait(HOOKS, step=3),
    "menu": flow.no_such_key() + flow.offer_menu(HOOKS, step=1),
    "tape": flow.take_message(HOOKS, number_is_known=False, seconds=180),
    "thanks": flow.thank_for_message(),
    "goodbye": flow.part(),
    "out of order": flow.out_of_order(HOOKS, "青澜区总工会"),
    "nothing": flow.NOTHING,
}


@pytest.mark.parametrize("name", FLOWS)
def test_every_document_uses_what_the_company_understands(name):
    document = twiml.render(FLOWS[name])
    assert document.startswith("<?xml"), "the first byte counts"
    response = ET.fromstring(document)
    assert response.tag == "Response"
    for element in response.iter():
        assert set(element.attrib) <= ALLOWED[element.tag], element.tag
        inside = {child.tag for child in element}
        assert element is response or inside <= NESTED.get(element.tag, set())


@pytest.mark.parametrize("name", FLOWS)
def test_callers_are_spoken_to_in_chinese(name):
    for say in ET.fromstring(twiml.render(FLOWS[name])).iter("Say"):
        assert (say.get("language"), say.get("voice")) == ("cmn-CN", "Polly.Zhiyu")
        assert any("\u4e00" <= character <= "\u9fff" for character in say.text)
        assert len(say.text) <= 4096


@pytest.mark.parametrize("name", FLOWS)
def test_our_addresses_are_plain_and_carry_nothing_but_the_step(name):
    document = ET.fromstring(twiml.render(FLOWS[name]))
    urls = [value for e in document.iter() for value in e.attrib.values() if "://" in value]
    for url in urls:
        assert url.startswith("https://hotline.example/hooks/twilio/")
        assert url.isascii()
        assert url == url.lower()
        path, _, query = url.partition("#")[0].partition("?")
        assert not path.endswith("/")
        assert not query or query.partition("=")[0] == "step"


def test_reports_are_asked_for_again_when_we_could_not_take_them():
    seat = ET.fromstring(twiml.render(FLOWS["ring a page"])).find("Dial/Sip")
    assert seat.get("statusCallback").endswith("/status?step=1#rc=3&rp=5xx,ct,rt")
    assert seat.get("statusCallbackEvent") == "initiated ringing answered completed"


def test_a_seat_on_a_telephone_is_dialled_as_a_number():
    dial = ET.fromstring(twiml.render(FLOWS["ring a telephone"])).find("Dial")
    assert dial.find("Number").text == "+8675512351001"
    assert dial.get("record") is None
    assert dial.get("timeout") == "15"


def test_the_notice_comes_before_anything_is_recorded():
    recorded = flow.greet("x", is_recorded=True)
    assert [step.text for step in recorded][-1] == prompts.RECORDING_NOTICE
    assert prompts.RECORDING_NOTICE not in str(flow.greet("x", is_recorded=False))


def test_a_message_always_has_somewhere_to_go():
    for name in ("tape", "out of order"):
        record = ET.fromstring(twiml.render(FLOWS[name])).find("Record")
        assert record.get("action") == "https://hotline.example/hooks/twilio/voicemail"
        assert int(record.get("maxLength")) == 180


def test_who_withholds_the_number_is_asked_for_one():
    assert "联系电话" in prompts.leave_a_message(number_is_known=False)
    assert "联系电话" not in prompts.leave_a_message(number_is_known=True)


def test_a_step_without_a_verb_is_an_error_and_not_silence():
    with pytest.raises(TypeError):
        twiml.render((object(),))
