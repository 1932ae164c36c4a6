"""The smallest parts of a page, which it has by the hundred: icons, the words of the database,
badges, buttons, addresses. Made here and not by macros, which would be half of what a list costs.

templates/_macros/ui.html gives them their names beside the larger parts.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from flask import Flask, has_request_context, url_for
from markupsafe import Markup, escape

ADDRESSES_KEPT = 4096  # about a megabyte
PLAIN_VALUES = frozenset({str, int, type(None)})


def register(app: Flask) -> None:
    """Give the templates of `app` these parts."""
    app.add_template_global(icon, "part_icon")
    app.add_template_global(data, "part_data")
    app.add_template_global(badge, "part_badge")
    app.add_template_global(button, "part_button")
    app.add_template_global(_addresses(), "url_for")


@cache
def icon(name: str, label: str = "", css: str = "", **named: str) -> Markup:
    """An icon of static/icons.svg, beside a text or with a `label` instead of one.

    Templates say class="…", which is a word of Python and no name of an argument here.
    """
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    source = f"{url_for('static', filename='icons.svg')}#i-{name}"
    return Markup(  # noqa: S704 - our own names
        f'<svg class="hy-icon {named.get("class", css)}" {role}><use href="{source}"></use></svg>'
    )


def data(text: Any, css: str = "", **named: str) -> Markup:
    """Text from the database: never translated, told apart from the words of the UI."""
    of_class = _given("class", named.get("class", css))
    return Markup(f'<span translate="no"{of_class}>{escape(text)}</span>')  # noqa: S704 - escaped


def badge(
    text: Any,
    tone: str = "plain",
    icon_name: str = "",
    href: str = "",
    title: str = "",
    is_data: bool = False,
) -> Markup:
    """A mark; `tone`: good, warn, bad, info, calm, brandy, loud, plain, outline."""
    element = "a" if href else "span"
    translate = ' translate="no"' if is_data else ""
    return Markup(  # noqa: S704 - what comes from outside is escaped
        f'<{element} class="hy-badge hy-{tone}"{_given("href", href)}{_given("title", title)}'
        f"{translate}>{icon(icon_name) if icon_name else ''}{escape(text)}</{element}>"
    )


def button(
    text: Any,
    kind: str = "plain",
    icon_name: str = "",
    href: str = "",
    key: str = "",
    size: str = "",
    type: str = "submit",
    name: str = "",
    value: Any = "",
    attrs: Mapping[str, Any] | None = None,
) -> Markup:
    """A button, or with `href` a link; `kind`: main, plain, quiet, warn, danger."""
    css = f"btn hy-btn-{kind}" + (f" btn-{size}" if size else "")
    shown_key = f'<kbd aria-hidden="true" translate="no">{escape(key)}</kbd>' if key else ""
    if href:
        begin, end = f'<a class="{css}" href="{escape(href)}"', "</a>"
    else:
        sent = f' name="{escape(name)}" value="{escape(value)}"' if name else ""
        begin, end = f'<button class="{css}" type="{type}"{sent}', "</button>"
    return Markup(  # noqa: S704 - what comes from outside is escaped
        f"{begin}{_given('data-key', key)}{_attributes(attrs or {})}>"
        f"{icon(icon_name) if icon_name else ''}<span>{escape(text)}</span>{shown_key}{end}"
    )


def _given(name: str, value: str) -> str:
    return f' {name}="{escape(value)}"' if value else ""


def _attributes(attrs: Mapping[str, Any]) -> str:
    """As the filter `xmlattr`: None is left out, an empty value stays."""
    return "".join(
        f' {name}="{escape(value)}"' for name, value in attrs.items() if value is not None
    )


def _addresses() -> Callable[..., str]:
    """`url_for`, which takes ten times as long as remembering what it said of the same values."""
    kept = lru_cache(ADDRESSES_KEPT, typed=True)(url_for)

    def address(endpoint: str, **values: Any) -> str:
        # Away from a request addresses are whole, and .name means a page of the same part.
        is_plain = PLAIN_VALUES.issuperset(map(type, values.values()))
        if is_plain and has_request_context() and not endpoint.startswith("."):
            return kept(endpoint, **values)
        return url_for(endpoint, **values)

    return address
