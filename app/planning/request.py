"""What a planner asks of a planning run, checked before anything is started."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.bundling.model.objectives import add_opening_price, read_objective
from analysis.bundling.model.sizes import read_bounds
from app.planning.run import RELAXABLE, PlanMethod, check_least_change
from app.store.store import MOST_NAME
from geo.errors import UsageError

MAX_SECONDS = 3600
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


class PlanRequest(BaseModel):
    """A planning run as asked for; None = the policy's value.

    Parameters
    ----------
    name
        Of the plan that comes of it.
    method, mode, scope, within, streets, weight, lower, upper, bounds, objective, opening,
    company_limit, areas, seconds, seed
        See `app.planning.run.PlanOptions`.
    start
        Id of a version to start from.
    relaxed
        Rules relaxed for this plan, by their name in a plan (`planning.RELAXABLE`).
    permit
        A permit to be added to the data first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=MOST_NAME)]
    method: PlanMethod = "search"
    mode: Literal["lead", "whole", "mixed"] | None = None
    scope: Literal["targets", "all"] | None = None
    within: Literal["street", "neighbourhood", "none"] | None = None
    streets: Annotated[tuple[_Code, ...], Field(max_length=500)] = ()
    weight: Literal["households", "floor_area"] | None = None
    lower: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    upper: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    bounds: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=3)] | None = None
    objective: Annotated[str, Field(max_length=200)] | None = None
    opening: Annotated[int, Field(ge=0, le=10**12)] | None = None
    company_limit: bool | None = None
    areas: Annotated[int, Field(ge=1, le=100_000)] | None = None
    seconds: Annotated[float, Field(ge=0.1, le=MAX_SECONDS)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    start: Annotated[str, Field(max_length=40)] | None = None
    relaxed: Annotated[
        dict[_Code, bool | int | float | Annotated[str, Field(max_length=40)]], Field(max_length=20)
    ] = {}
    permit: Permit | None = None

    def options(self) -> dict[str, Any]:
        """The options of `PlanOptions` as JSON: files and what is no option left out."""
        told = self.model_dump(
            include={
                "method",
                "mode",
                "scope",
                "within",
                "weight",
                "lower",
                "upper",
                "bounds",
                "objective",
                "opening",
                "company_limit",
                "areas",
                "seconds",
                "seed",
            }
        )
        relaxed = [[RELAXABLE[name], value] for name, value in sorted(self.relaxed.items())]
        return {**told, "streets": list(self.streets), "relaxed": relaxed}


def read_request(told: dict[str, Any]) -> PlanRequest:
    """The wish a page tells.

    Raises
    ------
    UsageError
        If something is missing, out of range or contradicts itself.

    Examples
    --------
    >>> read_request({"name": "甲", "lower": 800}).options()["lower"]
    800
    """
    try:
        wish = PlanRequest.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:2])
        zh, en = _FIELD_NAMES.get(str(first["loc"][0]), (where, where))
        raise UsageError(
            f"“{zh}”填写有误, 请改正后再开始。", f"'{en}' is not filled in right; correct it first."
        ) from error
    unknown = sorted(set(wish.relaxed) - set(RELAXABLE))
    if unknown:
        raise UsageError(f"不能放宽“{unknown[0]}”。", f"'{unknown[0]}' cannot be relaxed here.")
    if wish.lower is not None and wish.upper is not None and wish.lower > wish.upper:
        raise UsageError("规模下限大于上限, 请改正。", "The least size exceeds the most; correct it.")
    if wish.method == "least_change" and wish.start is None:
        raise UsageError("“改动最少”须先选一个现有方案作为出发点。", "The least change needs a plan to start from.")
    if wish.areas is not None and wish.mode not in (None, "whole"):
        raise UsageError(
            "片区个数只用于“整体划分”; 请清空它, 或改划分方式。",
            "The number of areas is for whole division; clear it, or change the mode.",
        )
    read_bounds(wish.bounds or (), wish.weight or "households")
    _check_objective(wish)
    return wish


def _check_objective(wish: PlanRequest) -> None:
    check_least_change(wish.method, wish.objective, wish.opening)
    objective = () if wish.objective is None else read_objective(wish.objective)
    add_opening_price(objective, wish.opening)
    is_close = any(part.partition("=")[0] == "closeness" for part in objective)
    if is_close and wish.start is None:
        raise UsageError(
            "目标“与出发方案接近”须先选一个现有方案作为出发点。", "Closeness needs a plan to start from; choose one."
        )


_FIELD_NAMES = {
    "name": ("方案名称", "name of the plan"),
    "lower": ("规模下限", "least size"),
    "upper": ("规模上限", "most size"),
    "bounds": ("更多规模限制", "further limits"),
    "opening": ("开设片区的代价", "price of an area"),
    "areas": ("片区个数", "number of areas"),
    "seconds": ("用时", "time"),
    "seed": ("随机种子", "seed"),
    "streets": ("街道", "streets"),
    "permit": ("批准文号", "number of the permit"),
}
