"""Which telephone company this installation talks to, and how the edges get at it."""

from pathlib import Path

from flask import Flask, current_app

from config import Config
from hotline.calls.switchboard import Switchboard
from hotline.telephony.flow import Hooks
from hotline.telephony.provider import Handsets, Provider
from hotline.telephony.simulator.exchange import Exchange
from hotline.telephony.simulator.ledger import Ledger
from hotline.telephony.simulator.lines import NUMBER
from hotline.telephony.simulator.provider import SimulatorProvider, account_of, token_of
from hotline.telephony.simulator.wire import Wire
from hotline.telephony.twilio_provider import TwilioProvider

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 — compared, not bound


def init_app(app: Flask, config: Config) -> None:
    """Bind the provider that TELEPHONY names, and with the simulator its exchange."""
    app.extensions["telephony"] = _provider(config)
    if config.TELEPHONY == "simulator":
        app.extensions["exchange"] = _exchange(config)


def provider() -> Provider:
    """The chosen provider of the present application."""
    chosen: Provider = current_app.extensions["telephony"]
    return chosen


def exchange() -> Exchange | None:
    """The simulated company's exchange; None beside a real provider."""
    return current_app.extensions.get("exchange")


def handsets() -> Handsets | None:
    """The telephones in our pages; None where the seats have telephones of their own."""
    return exchange()


def switchboard() -> Switchboard:
    """What the rules of a call need to know of provider and house."""
    config, chosen = _config(), provider()
    return Switchboard(
        provider=chosen.name,
        hooks=Hooks(config.PUBLIC_BASE_URL, chosen.name),
        union_name=config.UNION_NAME,
        line_of_seat=chosen.line_of_seat,
        seat_of_line=chosen.seat_of_line,
    )


def recordings_folder() -> Path:
    """Where our copies of the recordings are: outside of what the web server serves."""
    return _config().DATA_DIR / "recordings"


def spool_folder() -> Path:
    """Where webhooks wait while the database does not answer."""
    return _config().DATA_DIR / "spool"


def _config() -> Config:
    config: Config = current_app.config["HUIYIN"]
    return config


def _provider(config: Config) -> Provider:
    if config.TELEPHONY == "simulator":
        return SimulatorProvider(
            secret_key=config.SECRET_KEY,
            api_base_url=f"{_loopback(config)}/simulator",
            public_base_url=config.PUBLIC_BASE_URL,
        )
    return TwilioProvider(
        account_sid=config.TWILIO_ACCOUNT_SID,
        auth_tokens=(config.TWILIO_AUTH_TOKEN, config.TWILIO_AUTH_TOKEN_PREVIOUS),
        api_base_url=config.TWILIO_API_BASE_URL,
        public_base_url=config.PUBLIC_BASE_URL,
        number=config.TWILIO_NUMBER,
    )


def _exchange(config: Config) -> Exchange:
    ledger = Ledger(config.DATA_DIR / "simulator.sqlite")
    wire = Wire(
        ledger=ledger,
        account_sid=account_of(config.SECRET_KEY),
        token=token_of(config.SECRET_KEY),
        public_base_url=config.PUBLIC_BASE_URL,
        loopback_url=_loopback(config),
    )
    return Exchange(ledger, wire, number=NUMBER)


def _loopback(config: Config) -> str:
    """Where this server listens on this machine, whatever the world calls it."""
    host = EVERYWHERE.get(config.HOST, config.HOST)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{config.PORT}"
