"""What the editor of the page sends, checked before anything looks at it."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.bundling.editing.apply import AreaEdit, Edit
from app.i18n import say
from app.store.records import MOST_AUTHOR, MOST_NAME, MOST_NOTE
from geo.errors import PlanningError

MOST_BYTES = 8_000_000
"""Longest body of a request: a plan of 60,000 units, every one moved."""

_MOST = 200_000
_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Version = Annotated[str, Field(pattern=r"^[0-9a-z.\-]{3,120}$")]


class EditRequestError(PlanningError, ValueError):
    """The body of a request is no edit."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AreaBody(_Body):
    """What is new of an area."""

    anchor_unit_id: _Id | None = None
    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class LocksBody(_Body):
    """All that is locked."""

    units: Annotated[list[_Id], Field(max_length=_MOST)] = []
    areas: Annotated[list[_Id], Field(max_length=_MOST)] = []
    others: Annotated[list[int], Field(max_length=_MOST)] = []


class EditBody(_Body):
    """How a plan differs from the version `base`."""

    base: _Version
    moves: Annotated[dict[_Id, _Id | None], Field(max_length=_MOST)] = {}
    areas: Annotated[dict[_Id, AreaBody], Field(max_length=_MOST)] = {}
    locks: LocksBody = LocksBody()
    leaders: Annotated[dict[_Id, _Id | None], Field(max_length=_MOST)] = {}

    def to_edit(self) -> Edit:
        """The edit as the analysis knows it."""
        return Edit(
            self.moves,
            {key: AreaEdit(area.anchor_unit_id, area.name) for key, area in self.areas.items()},
            tuple(self.locks.units),
            tuple(self.locks.areas),
            tuple(self.locks.others),
            self.leaders,
        )


class ParentBody(_Body):
    """The version that was changed."""

    plan_id: _Id
    number: Annotated[int, Field(ge=1)]


class SaveBody(EditBody):
    """An edit to be kept: as the next version of `parent`, or as a plan of its own under `name`."""

    author: Annotated[str, Field(max_length=MOST_AUTHOR)] = ""
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""
    name: Annotated[str, Field(min_length=1, max_length=MOST_NAME)] | None = None
    parent: ParentBody | None = None
    steps: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=_MOST)] = []


_Kind = TypeVar("_Kind", bound=EditBody)


def read_edit(body: bytes, kind: type[_Kind]) -> _Kind:
    """The edit in the body of a request.

    Parameters
    ----------
    body
        JSON.
    kind
        Model of what the request asks.

    Raises
    ------
    EditRequestError
        If it is no JSON of the kind, or too long.

    Examples
    --------
    >>> read_edit(b'{"base": "0123abcd.1", "moves": {"a": null}}', EditBody).moves
    {'a': None}
    """
    if len(body) > MOST_BYTES:
        raise EditRequestError(*say("editing.too_large"))
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])[:80]
        raise EditRequestError(*say("editing.not_understood", where=where, type=first["type"])) from error
