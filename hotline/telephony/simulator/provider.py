"""Our side of the simulated provider: the very code that talks to Twilio, at another address."""

import hashlib
import hmac

from hotline.telephony.simulator import lines
from hotline.telephony.twilio_provider import TwilioProvider


def token_of(secret_key: str) -> str:
    """The simulator's auth token: the server and the commands of one installation share it."""
    return hmac.new(secret_key.encode(), b"simulator", hashlib.sha256).hexdigest()


def account_of(secret_key: str) -> str:
    """The simulator's account, told apart between installations."""
    digest = hmac.new(secret_key.encode(), b"simulator account", hashlib.sha256).hexdigest()
    return "AC" + digest[:32]


class SimulatorProvider(TwilioProvider):
    """Every seat has the telephone in the page; nothing leaves this machine."""

    name = "simulator"

    def __init__(self, *, secret_key: str, api_base_url: str, public_base_url: str) -> None:
        super().__init__(
            account_sid=account_of(secret_key),
            auth_tokens=(token_of(secret_key),),
            api_base_url=api_base_url,
            public_base_url=public_base_url,
            number=lines.NUMBER,
        )
        self._http.session.trust_env = False  # a proxy has no business between us and ourselves

    def line_of_seat(self, user_id: int, line: str) -> str:
        return lines.seat_line(user_id)

    def seat_of_line(self, line: str) -> int | None:
        return lines.user_of(line)
