"""Finding tickets by words: Chinese cut into overlapping pairs, so that 工资 finds 拖欠工资.

Design and measurements: docs/decisions/0004-search-by-bigrams.md.
"""

import re
import unicodedata
from collections.abc import Iterator

from sqlalchemy import Select, bindparam, func, select, text

from models import Handoff, SearchDocument, Ticket, db

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUNS = re.compile(rf"[{HAN}]+|[a-z0-9]+")
LONGEST_QUERY = 100
LONG_DIGITS = re.compile(r"\d{7,}")
MANY = 1000

Found = Select[tuple[int]]


def fold(words: str) -> str:
    """`words` as they are compared: one width, lower case, long numbers masked."""
    plain = unicodedata.normalize("NFKC", words).lower()
    return LONG_DIGITS.sub(lambda run: "#" * len(run.group()), plain)


def tokens(folded: str) -> Iterator[str]:
    """The pieces of a text: pairs of Chinese characters, each run's last one, other words."""
    for run in RUNS.findall(folded):
        if re.match(rf"[{HAN}]", run):
            yield from (run[i : i + 2] for i in range(len(run) - 1))
            yield run[-1]
        else:
            yield run


def index(ticket: Ticket) -> None:
    """Make `ticket` findable by what it says now. Called by whoever changes those words."""
    body = fold("\n".join(filter(None, _words_of(ticket))))
    document = db.session.get(SearchDocument, ticket.id)
    if document is None:
        document = SearchDocument(ticket_id=ticket.id)
        db.session.add(document)
    document.body, document.tokens = body, " ".join(tokens(body))


def _words_of(ticket: Ticket) -> Iterator[str]:
    yield ticket.number
    yield ticket.outer_number
    yield ticket.question
    # Of a confidential ticket name and employer are no way to find it.
    if not ticket.is_confidential:
        yield ticket.caller_name
        yield ticket.caller.employer
    if ticket.category is not None:
        yield ticket.category.name_zh
        yield ticket.category.name_en
    answers = select(Handoff.report, Handoff.answer).where(Handoff.ticket_id == ticket.id)
    for report, answer in db.session.execute(answers):
        yield report
        yield answer


def found(words: str) -> Found | None:
    """The ids of the tickets whose text holds all of `words`; None when there is no word.

    One Chinese character is enough. Words apart by a space may stand apart in the text.
    """
    parts = [RUNS.findall(part) for part in fold(words).split()]
    runs = [run for part in parts for run in part]
    if not runs:
        return None
    if db.engine.dialect.name == "sqlite":
        return _found_by_sqlite(runs)
    return _found_by_postgresql(runs)


def are_many(found: Found) -> bool:
    """Whether it is quicker to look at the newest tickets first than at all that were found."""
    first = found.limit(MANY + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(first)) or 0) > MANY


def _is_han(run: str) -> bool:
    return re.match(rf"[{HAN}]", run) is not None


def _pieces(run: str) -> list[str]:
    """What must stand one after the other in the tokens for `run` to be found."""
    if not _is_han(run) or len(run) == 1:
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _found_by_sqlite(runs: list[str]) -> Found:
    """FTS5: the pairs of a word as a phrase; one character and the start of a number as prefix."""
    phrases = []
    for run in runs:
        prefix = "*" if not _is_han(run) or len(run) == 1 else ""
        phrases.append(f'"{" ".join(_pieces(run))}"{prefix}')
    matching = text(
        "SELECT rowid AS ticket_id FROM search_fts WHERE search_fts MATCH :fts_query"
    ).bindparams(bindparam("fts_query", " AND ".join(phrases), unique=False))
    return select(matching.columns(SearchDocument.ticket_id).subquery().c.ticket_id)


def _found_by_postgresql(runs: list[str]) -> Found:
    """GIN over the tokens finds candidates, LIKE on the text makes sure they stand together."""
    terms = []
    for run in runs:
        prefix = ":*" if not _is_han(run) or len(run) == 1 else ""
        terms += [f"'{piece}'{prefix}" for piece in _pieces(run)]
    vector = func.to_tsvector(text("'simple'::regconfig"), SearchDocument.tokens)
    query = func.to_tsquery(text("'simple'::regconfig"), " & ".join(terms))
    return select(SearchDocument.ticket_id).where(
        vector.op("@@")(query),
        *(SearchDocument.body.contains(run, autoescape=True) for run in runs),
    )
