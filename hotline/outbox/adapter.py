"""Which carriers this installation has, and what they can prove."""

from typing import cast

from flask import current_app

from config import Config
from hotline.outbox.senders import Console, Mail, Sender, Senders, ShortMessages, Simulated
from hotline.telephony import adapter
from models import Channel


def senders_for(config: Config) -> Senders:
    """Mail by SMTP and short messages by the telephone company, where configured; else the log."""
    mail: Sender = Console(Channel.EMAIL)
    if config.MAIL_HOST:
        mail = Mail(
            host=config.MAIL_HOST,
            port=config.MAIL_PORT,
            sender=config.MAIL_FROM,
            user=config.MAIL_USER,
            password=config.MAIL_PASSWORD,
            starttls=config.MAIL_STARTTLS,
            link=config.PUBLIC_BASE_URL,
        )
    return {Channel.EMAIL: mail, Channel.SMS: _short_messages(config)}


def senders() -> Senders:
    """The senders of the present application, made when first asked for."""
    if "senders" not in current_app.extensions:
        current_app.extensions["senders"] = senders_for(current_app.config["HUIYIN"])
    return cast(Senders, current_app.extensions["senders"])


def proves_messages() -> bool:
    """Whether a short message to a caller leaves the house, and a receipt says that it arrived."""
    return senders()[Channel.SMS].proves_delivery


def signature() -> str:
    """What carriers put before every short message: whose it is."""
    config: Config = current_app.config["HUIYIN"]
    return f"【{config.UNION_NAME}】"


def _short_messages(config: Config) -> Sender:
    log = Console(Channel.SMS)
    if not config.SMS:
        return log
    provider = adapter.provider()
    status_url = f"{config.PUBLIC_BASE_URL}/hooks/{provider.name}/sms"
    company = ShortMessages(provider, config.UNION_NAME, status_url)
    return Simulated(log, company) if config.TELEPHONY == "simulator" else company
