"""What is compiled once in a process for all the applications the tests make there.

Each test has an application of its own; most of its time would go into compiling the same
templates, the same SQL and the same addresses again.
"""

from types import CodeType

import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 5000  # more than the suite has; a test with many of its own pushes out the oldest


class Templates(BytecodeCache):
    """The code of templates, by the name and the text of each."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


class Alike:
    """A dialect that equals every other of its kind: what one compiled serves all."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class SQLite(Alike, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class PostgreSQL(Alike, PGDialect_psycopg):
    supports_statement_cache = True


class Address(Rule):
    """A rule of an URL map that was read as its like in an earlier application was."""

    def compile(self) -> None:
        place = self.rule, self.host, self.subdomain, repr(self.defaults), self.merge_slashes
        key = *place, *self.map.converters.items()
        if like := _addresses.get(key):
            self._parts, self._trace, self._converters = like._parts, like._trace, like._converters
            self.arguments = set(like.arguments)
            self._build = like._build.__func__.__get__(self)
            self._build_unknown = like._build_unknown.__func__.__get__(self)
        else:
            super().compile()
            _addresses[key] = self


_addresses: dict[tuple[object, ...], Address] = {}
_statements: LRUCache[object, object] = LRUCache(STATEMENTS)
_templates = Templates()

registry.register("sqlite", __name__, "SQLite")
registry.register("postgresql.psycopg", __name__, "PostgreSQL")
Flask.url_rule_class = Address


def share(app: Flask, engine: sa.Engine) -> None:
    """Let `app` use what others have compiled, and leave them what it compiles."""
    app.jinja_env.bytecode_cache = _templates
    engine.update_execution_options(compiled_cache=_statements)
