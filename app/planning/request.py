"""What a planner asks of a planning run, checked before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from analysis.bundling.model.objectives import add_opening_price, read_objective
from analysis.bundling.model.sizes import read_bounds
from app.i18n import say
from app.planning.options import OPTIONS, RELAXABLE, OptionField, PlanOptions
from app.planning.prepare import check_least_change
from app.store.records import MOST_NAME
from geo.errors import UsageError
from geo.messages import Sentence

_Code = Annotated[str, Field(min_length=1, max_length=40)]


class Permit(BaseModel):
    """A document that lets two streets go together.

    Parameters
    ----------
    street_a, street_b
        Their codes.
    document_no, reason
        Its number, and why.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    street_a: _Code
    street_b: _Code
    document_no: Annotated[str, Field(min_length=1, max_length=80)]
    reason: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True)
class PlanRequest:
    """A planning run as asked for.

    Parameters
    ----------
    name
        Of the plan that comes of it.
    options
        What is chosen for it, the rules relaxed among them.
    start
        Id of a version to start from.
    relaxed
        Rules relaxed for this plan, by their name in a plan (`RELAXABLE`).
    permit
        A permit to be added to the data first.
    """

    name: str
    options: PlanOptions = field(default_factory=PlanOptions)
    start: str | None = None
    relaxed: Mapping[str, Any] = field(default_factory=dict)
    permit: Permit | None = None


def _page_field(one: OptionField) -> tuple[Any, Any]:
    """An option as a field of the page's request, held to its limits."""
    option, kind = one.option, one.type
    if option.page_item is not None:
        text = Annotated[str, Field(**option.page_item)]
        kind = tuple[text, ...] if one.default == () else tuple[text, ...] | None
    return (Annotated[kind, Field(**(option.page or {}))], one.default)


_Fields = create_model(
    "_Fields",
    __config__=ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True),
    name=(Annotated[str, Field(min_length=1, max_length=MOST_NAME)], ...),
    **{one.name: _page_field(one) for one in OPTIONS if one.option.page is not None},  # type: ignore[call-overload]
    start=(Annotated[str, Field(max_length=40)] | None, None),
    relaxed=(
        Annotated[dict[_Code, bool | int | float | Annotated[str, Field(max_length=40)]], Field(max_length=20)],
        {},
    ),
    permit=(Permit | None, None),
)
_OWN_FIELDS = ("name", "start", "relaxed", "permit")


def read_request(told: dict[str, Any]) -> PlanRequest:
    """The request of a page, checked.

    Parameters
    ----------
    told
        "name", "start", "relaxed", "permit" of `PlanRequest`, and the options that the page offers.

    Raises
    ------
    UsageError
        If something is missing, out of range or contradicts itself.

    Examples
    --------
    >>> read_request({"name": "甲", "lower": 800}).options.lower
    800
    """
    try:
        read = _Fields.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:2])
        label = _field_label(str(first["loc"][0])) or Sentence(where, where)
        raise UsageError(*say("planning.wrong_field", field=label)) from error
    own = {name: getattr(read, name) for name in _OWN_FIELDS}
    unknown = sorted(set(own["relaxed"]) - set(RELAXABLE))
    if unknown:
        raise UsageError(*say("planning.cannot_relax", code=unknown[0]))
    chosen = {one.name: getattr(read, one.name) for one in OPTIONS if one.option.page is not None}
    relaxed = tuple((RELAXABLE[name], value) for name, value in sorted(own["relaxed"].items()))
    request = PlanRequest(options=PlanOptions(**chosen, relaxed=relaxed), **own)
    _check_together(request)
    return request


def _check_together(request: PlanRequest) -> None:
    """Refuse options that contradict each other.

    Raises
    ------
    UsageError
        If they do.
    """
    options = request.options
    if options.lower is not None and options.upper is not None and options.lower > options.upper:
        raise UsageError(*say("planning.size_crossed"))
    if options.method == "least_change" and request.start is None:
        raise UsageError(*say("planning.no_start"))
    if options.areas is not None and options.mode not in (None, "whole"):
        raise UsageError(*say("planning.areas_only_whole"))
    read_bounds(options.bounds or (), options.weight or "households")
    check_least_change(options.method, options.objective, options.opening)
    objective = () if options.objective is None else read_objective(options.objective)
    add_opening_price(objective, options.opening)
    is_close = any(part.partition("=")[0] == "closeness" for part in objective)
    if is_close and request.start is None:
        raise UsageError(*say("planning.closeness_needs_start"))


def _field_label(name: str) -> Sentence | None:
    """A field's name as a fault has it; None where it has none."""
    if name in ("name", "permit"):
        return say(f"planning.field_{name}")
    return next((Sentence(*one.option.label) for one in OPTIONS if one.name == name and one.option.label), None)
