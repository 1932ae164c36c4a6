"""Marking sentences for translation where Flask is not known."""


def N_(sentence: str) -> str:
    """Mark `sentence` for the catalogue; it is translated at the edge, in the reader's language."""
    return sentence
