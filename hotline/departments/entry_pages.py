"""Adding and changing what an administrator keeps in a list: the same steps for every kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.audit import service as audit
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.fields import Typed
from hotline.unit_of_work import unit_of_work
from models import Category, Department

Row = TypeVar("Row", Department, Category)
Details = TypeVar("Details")


@dataclass(frozen=True, kw_only=True)
class Entry(Generic[Row, Details]):
    """One kind of thing: how it is read, kept and shown."""

    noun: str  # as the audit trail calls it
    list_of: str  # the endpoint of the list
    get: Callable[[int], Row]
    read: Callable[[Typed], Details]
    add: Callable[[Details], Row]
    change: Callable[[Row, Details], list[str]]
    stored: Callable[[Row], Mapping[str, Any]]
    form: Callable[[Row | None, Mapping[str, Any], Mapping[str, str]], str]
    done: Callable[[Row], str]  # the sentence on the next page

    def create(self, first: Mapping[str, Any]) -> ResponseReturnValue:
        """The empty form, or what was typed into it becomes a new row."""
        if request.method == "GET":
            return self.form(None, first, {})
        try:
            with unit_of_work():
                row = self.add(self.read(request.form))
                self._written("create", row)
        except Invalid as refusal:
            return self.form(None, request.form, beside_fields(refusal)), 422
        return self._onwards(row)

    def edit(self, row_id: int) -> ResponseReturnValue:
        """The form with what stands there, or what was typed replaces it."""
        row = self.get(row_id)
        if request.method == "GET":
            return self.form(row, self.stored(row), {})
        try:
            with unit_of_work():
                row = self.get(row_id)
                changed = self.change(row, self.read(request.form))
                if changed:
                    self._written("change", row, changed=changed)
        except Invalid as refusal:
            return self.form(self.get(row_id), request.form, beside_fields(refusal)), 422
        return self._onwards(row)

    def _onwards(self, row: Row) -> ResponseReturnValue:
        flash(self.done(row))
        return redirect(url_for(self.list_of), 303)

    def _written(self, verb: str, row: Row, **data: Any) -> None:
        data[self.noun] = row.id
        kind = f"{verb}_{self.noun}"
        audit.record(kind, actor=g.user, at=clock.now(), subject=row.name_zh, **data)
