"""A telephone company for tests: signs forms as Twilio does and posts them to the test client."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from hotline.telephony.simulator.provider import account_of, token_of

_sids = count(1)
WANG = "+8613490010001"
US = "+8675512351000"
BASE = "http://localhost"


def sid(prefix: str = "CA") -> str:
    """A reference nobody has used yet."""
    return f"{prefix}{next(_sids):032x}"


@dataclass
class Company:
    """One account; `call` makes the fields every webhook about a call carries."""

    client: FlaskClient
    provider: str = "simulator"
    account: str = ""
    token: str = ""
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @classmethod
    def of(cls, app: Flask) -> "Company":
        config = app.config["HUIYIN"]
        if config.TELEPHONY == "twilio":
            account, token = config.TWILIO_ACCOUNT_SID, config.TWILIO_AUTH_TOKEN
        else:
            account, token = account_of(config.SECRET_KEY), token_of(config.SECRET_KEY)
        return cls(app.test_client(), config.TELEPHONY, account, token)

    def fields(self, call_sid: str, status: str = "ringing", **more: Any) -> dict[str, str]:
        return {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "CallSid": call_sid,
            "CallStatus": status,
            "Direction": "inbound",
            "From": WANG,
            "To": US,
            **more,
        }

    def leg(self, parent: str, leg_sid: str, user_id: int, status: str, sequence: int, **more: Any):
        return self.fields(
            leg_sid,
            status,
            ParentCallSid=parent,
            Direction="outbound-dial",
            To=f"sip:seat-{user_id}@simulator.invalid",
            SequenceNumber=str(sequence),
            **more,
        )

    def post(self, route: str, fields: dict[str, str], **options: Any) -> TestResponse:
        """Post a form to a route such as "voice" or "dial?step=1", signed unless told otherwise."""
        target = f"/hooks/{options.pop('provider', self.provider)}/{route}"
        token = options.pop("token", self.token)
        signature = RequestValidator(token).compute_signature(BASE + target, fields)
        headers = {"X-Twilio-Signature": options.pop("signature", signature)}
        return self.client.post(target, data=fields, headers=headers, **options)

    def say(self, route: str, fields: dict[str, str]) -> str:
        """Post and return the TwiML, which must come."""
        answer = self.post(route, fields)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.content_type.startswith("text/xml")
        text = answer.get_data(as_text=True)
        assert text.startswith("<?xml")
        return text
