"""The words a page should show: the msgids of the code in the language of the person."""

from pathlib import Path

from babel.support import Translations

ROOT = Path(__file__).parents[2]


class Words:
    """`say("Hand off")` is 转办 in Chinese and Hand off in English."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._catalogue = Translations.load(ROOT / "translations", [locale])

    def __call__(self, msgid: str, **values: object) -> str:
        text = self._catalogue.gettext(msgid)
        assert self.locale == "en" or text != msgid, f"not translated: {msgid}"
        return text % values if values else text
