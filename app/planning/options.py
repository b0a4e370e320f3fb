"""What a planner may choose for one plan: one table, read by the command line, the page and the run.

A new choice is a field of `PlanOptions` with its `Option`: the command line takes it, a request of the
page is checked against it, and the run receives it. This module imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from analysis.bundling.solver.base.work_log import ClockRecord

Mode = Literal["area", "lead", "whole", "mixed"]
Scope = Literal["targets", "all"]
Within = Literal["street", "neighbourhood", "none"]
Weight = Literal["households", "floor_area"]
PlanMethod = Literal["search", "least_change", "nearest_anchor", "constrained_clustering"]
"""How a plan is made: searched, from a plan at hand with as few changes as can be, or as a baseline."""

SIZED_ZH, SIZED = "area、whole 和 mixed 第二步的片区", "areas of modes area and whole, and of the second stage of mixed"
"""Areas that bounds of size hold for; an area led by one anchor is held by what that may take in."""

WHERE, SIZE = "划什么、划在哪里 / What is planned, and where", "片区规模 / Size of areas"
AIMS, SEARCH = "目标与规则 / Aims and rules", "搜索 / Search"
SETTLED = "已定的 / What is settled already"

MAX_SECONDS = 3600
"""Longest search that the page may ask for."""

RELAXABLE = {
    "radius_m": "anchor.radius_m",
    "capacity_ratio": "anchor.capacity_ratio",
    "unit_ratio": "anchor.unit_ratio",
    "min_contract_months": "anchor.min_contract_months",
    "min_credit_rating": "anchor.min_credit_rating",
    "auto_absorb_special": "target.auto_absorb_special",
    "exclude_unwilling": "target.exclude_unwilling",
    "company_growth": "company.growth_share",
}
"""Rules a planner may relax for one plan: their names in a plan, and the keys of the policy."""


@dataclass(frozen=True)
class Option:
    """How one choice is offered.

    Parameters
    ----------
    zh, en
        Help of the command line.
    flags
        As written there; () = made of the name of the field.
    metavar
        What stands for the value in the help; None = made of the type.
    least, most
        Range of a number on the command line; None = no limit.
    page
        Limits of the value in a request of the page, by pydantic's names; None = the page does not offer it.
    page_item
        Limits of each text where several may be given.
    label
        The field's name in a fault, Chinese and English.
    rule
        The argument of `rules_from_policy` it becomes; "" = none.
    group
        Heading in the help of the command line.
    """

    zh: str
    en: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    least: float | None = None
    most: float | None = None
    page: Mapping[str, Any] | None = None
    page_item: Mapping[str, Any] | None = None
    label: tuple[str, str] | None = None
    rule: str = ""
    group: str = ""


@dataclass(frozen=True)
class PlanOptions:
    """What a planner may choose; None = the policy's value.

    `lock_file` holds what is settled (`locks.read_locks`); `start` is a plan for the same data whose
    areas the locks may name, whose own locks stay in force, and which the answer is no worse than;
    "least_change" needs a `start` and moves as little of it as the rules allow, whatever else the plan
    could aim at: it takes no `objective` and no `opening`; another `method` than
    "search" is a baseline for comparison, which knows no locks; `relaxed` are (key, value) of the
    policy that are replaced for this plan; `by` is who chooses what differs from the policy; `bounds`
    are read by `sizes.read_bounds`; `workers` changes the time a plan takes, never the plan
    of given rounds; None = all cores; `gap` and `clock` are those of `StopAfter`.
    """

    mode: Annotated[Mode | None, Option("模式", "mode", page={}, rule="mode", group=WHERE)] = None
    scope: Annotated[Scope | None, Option("范围", "scope", page={}, rule="scope", group=WHERE)] = None
    within: Annotated[Within | None, Option("不得跨越", "the wall", page={}, rule="within", group=WHERE)] = None
    streets: Annotated[
        tuple[str, ...],
        Option(
            "街道代码",
            "street codes",
            flags=("--street",),
            page={"max_length": 500},
            page_item={"min_length": 1, "max_length": 40},
            label=("街道", "streets"),
            rule="streets",
            group=WHERE,
        ),
    ] = ()
    weight: Annotated[Weight | None, Option("规模指标", "size of an area", page={}, rule="weight", group=SIZE)] = None
    lower: Annotated[
        int | None,
        Option(
            f"规模下限, 用于 {SIZED_ZH}",
            f"least size, for {SIZED}",
            page={"ge": 0, "le": 100_000_000},
            label=("规模下限", "least size"),
            rule="lower",
            group=SIZE,
        ),
    ] = None
    upper: Annotated[
        int | None,
        Option(
            f"规模上限, 用于 {SIZED_ZH}",
            f"most size, for {SIZED}",
            page={"ge": 0, "le": 100_000_000},
            label=("规模上限", "most size"),
            rule="upper",
            group=SIZE,
        ),
    ] = None
    bounds: Annotated[
        tuple[str, ...] | None,
        Option(
            f"更多规模限制, 用于 {SIZED_ZH}, 可多次: members=3:12, floor_area=:300000, households=500: ; "
            "members 单元数, floor_area ㎡, households 户",
            f"further hard bounds, for {SIZED}, repeatable; either side may be empty",
            flags=("--bound",),
            metavar="NAME=MIN:MAX",
            page={"max_length": 3},
            page_item={"max_length": 60},
            label=("更多规模限制", "further limits"),
            rule="bounds",
            group=SIZE,
        ),
    ] = None
    seconds: Annotated[
        float | None,
        Option(
            "用时(秒)",
            "seconds it may take",
            least=0,
            page={"ge": 0.1, "le": MAX_SECONDS},
            label=("用时", "time"),
            group=SEARCH,
        ),
    ] = None
    rounds: Annotated[int | None, Option("轮数", "rounds of search", least=0, group=SEARCH)] = None
    gap: Annotated[
        float | None,
        Option(
            "差距(比例, 如 0.01): 与搜索前所得下界相差不超过此比例即结束, 默认不设",
            "end within this share of the bounds made before the search, 0.01 for instance [none]",
            least=0,
            most=1,
            group=SEARCH,
        ),
    ] = None
    company_limit: Annotated[
        bool | None,
        Option(
            "是否核对企业承接上限(R15), 默认按规划参数",
            "hold companies to what they may take on [policy]",
            flags=("--company-limit/--no-company-limit",),
            page={},
            rule="company_limit",
            group=AIMS,
        ),
    ] = None
    objective: Annotated[
        str | None,
        Option(
            "目标: walking 步行, compact 边界紧凑(对数), border 边界短(米), staffing 用人, "
            "closeness 与 --start 接近, preferences 优选条件(以新带旧等), areas 片区数; 按次序 walking,compact "
            "或带权重 walking=1,closeness=200; 未划入户数总在最前",
            "objectives in order, or weighted; households left over come first",
            page={"max_length": 200},
            group=AIMS,
        ),
    ] = None
    opening: Annotated[
        int | None,
        Option(
            "每开设一个片区(牵头小区)相当于多少户·米, 默认按规划参数",
            "household-metres that opening an area or its anchor costs [policy]",
            least=0,
            page={"ge": 0, "le": 10**12},
            label=("开设片区的代价", "price of an area"),
            rule="area_worth",
            group=AIMS,
        ),
    ] = None
    areas: Annotated[
        int | None,
        Option(
            "片区个数(--mode whole), 默认不限",
            "number of areas, of mode whole [any]",
            least=1,
            page={"ge": 1, "le": 100_000},
            label=("片区个数", "number of areas"),
            rule="areas",
            group=SIZE,
        ),
    ] = None
    seed: Annotated[
        int,
        Option(
            "随机种子",
            "random seed",
            least=0,
            page={"ge": 0, "le": 2**31 - 1},
            label=("随机种子", "seed"),
            group=SEARCH,
        ),
    ] = 0
    lock_file: Annotated[
        Path | None, Option("锁定文件", "what is settled", flags=("--lock",), metavar="FILE", group=SETTLED)
    ] = None
    start: Annotated[
        Path | None,
        Option(
            "从现有方案出发", "a plan to start from", flags=("--start", "--from"), metavar="PLAN.json", group=SETTLED
        ),
    ] = None
    workers: Annotated[
        int | None, Option("并行数, 默认全部核", "parts at a time, all cores", least=1, group=SEARCH)
    ] = None
    method: Annotated[
        PlanMethod,
        Option(
            "方法: search 优化搜索; least_change 由 --start 改动最少, 不按目标优化; 后两种只供比较",
            "least_change moves as few units of --start as the rules allow and ignores objectives; "
            "the last two are for comparison only",
            page={},
            group=SEARCH,
        ),
    ] = "search"
    by: Annotated[
        str,
        Option(
            "由谁选定与政策不同的规则, 记入方案",
            "who chooses what differs from the policy; kept in the plan",
            flags=("--author",),
            metavar="NAME",
            group=SETTLED,
        ),
    ] = ""
    relaxed: tuple[tuple[str, Any], ...] = ()
    clock: ClockRecord | None = None

    @property
    def rules(self) -> dict[str, Any]:
        """The arguments of `rules_from_policy` that are chosen here, apart from the objective.

        Examples
        --------
        >>> PlanOptions(opening=500).rules["area_worth"]
        500
        """
        return {one.option.rule: getattr(self, one.name) for one in OPTIONS if one.option.rule}

    @property
    def record(self) -> dict[str, Any]:
        """What the page may choose, as JSON; files are left out.

        Examples
        --------
        >>> PlanOptions(lower=800, streets=("s1",)).record["streets"]
        ['s1']
        """
        named = {one.name: _plain(getattr(self, one.name)) for one in OPTIONS if one.option.page is not None}
        return {**named, "relaxed": _plain(self.relaxed)}


@dataclass(frozen=True)
class OptionField:
    """A field of `PlanOptions` that is offered.

    Parameters
    ----------
    name, type, default
        Of the field.
    option
        How it is offered.
    """

    name: str
    type: Any
    default: Any
    option: Option

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it may be; empty where it is no choice of words.

        Examples
        --------
        >>> option_of("mode").choices
        ('area', 'lead', 'whole', 'mixed')
        """
        kinds = (self.type, *get_args(self.type))
        return next((get_args(kind) for kind in kinds if get_origin(kind) is Literal), ())

    @property
    def is_repeated(self) -> bool:
        """Whether several values may be given."""
        return any(get_origin(kind) is tuple for kind in (self.type, *get_args(self.type)))


def _read_table() -> tuple[OptionField, ...]:
    hints = get_type_hints(PlanOptions, include_extras=True)
    found = []
    for field in fields(PlanOptions):
        kind, *more = get_args(hints[field.name]) if get_origin(hints[field.name]) is Annotated else (None,)
        if more:
            found.append(OptionField(field.name, kind, field.default, more[0]))
    return tuple(found)


OPTIONS = _read_table()
"""Every choice that is offered, in the order of the help."""


def option_of(name: str) -> OptionField:
    """The choice of this name.

    Raises
    ------
    KeyError
        If there is none: a programmer's mistake.
    """
    return {one.name: one for one in OPTIONS}[name]


def read_options(record: Mapping[str, Any], **more: Any) -> PlanOptions:
    """The options of a record; lists become tuples.

    Parameters
    ----------
    record
        As `PlanOptions.record`, read from JSON; a choice that is not there is the default.
    **more
        Choices that no record holds, such as files.

    Examples
    --------
    >>> read_options(PlanOptions(bounds=("members=3:",)).record).bounds
    ('members=3:',)
    """
    return PlanOptions(**{name: _frozen(value) for name, value in record.items()}, **more)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
