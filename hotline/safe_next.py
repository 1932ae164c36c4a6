"""Where to go after a form: only ever a page of ours."""

from urllib.parse import urlsplit


def safe_next(target: str) -> str:
    """`target` when it is a path on this site, else "/".

    Browsers read a backslash as a slash and drop control characters, so neither may occur.
    """
    is_plain = target.startswith("/") and target.isprintable() and "\\" not in target
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    is_path = not parts.scheme and not parts.netloc and not target.startswith("//")
    return target if is_plain and is_path else "/"
