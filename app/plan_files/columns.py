"""Which column of a file says what of a unit: names as our own files have them, and as bureaus write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "unit_id": ("unit_id", "单元编号", "unit id", "小区编号", "小区代码"),
        "name": (
            "name",
            "名称",
            "小区名称",
            "小区",
            "小区名",
            "项目名称",
            "住宅小区名称",
            "楼栋名称",
            "单体楼名称",
            "community",
        ),
        "area": (
            "area_id",
            "片区编号",
            "area id",
            "片区",
            "片区号",
            "片区序号",
            "片区代码",
            "片区名称",
            "所属片区",
            "划分片区",
            "area",
        ),
        "leader": ("leader_unit_id", "leader_id", "牵头单元编号", "leader id", "牵头小区编号"),
        "leader_name": ("leader_name", "leader", "牵头小区", "牵头小区名称", "带入小区", "牵头项目"),
        "street_name": ("street_name", "street", "街道", "所属街道", "街道名称", "街道(镇)", "镇街", "街镇"),
        "district_name": ("district_name", "district", "旗县区", "区县", "所属区", "所属旗县区", "行政区"),
        "plan_version": ("plan_version", "plan_ver"),
    }
)
"""Names of the columns by what they say, the surest first; compared without spaces, in small letters."""

_SPACES = re.compile(r"\s+")


def find_columns(names: Iterable[object]) -> dict[str, str]:
    """Which column of a table says what.

    Parameters
    ----------
    names
        Of the columns, as the file has them.

    Returns
    -------
    Name of the column by what it says (a key of `COLUMNS`); what no column says is left out.

    Examples
    --------
    >>> find_columns(["序号", "片区", "小区 名称"])
    {'name': '小区 名称', 'area': '片区'}
    """
    known = {_key(name): str(name) for name in reversed([*names])}
    found = {}
    for says, spellings in COLUMNS.items():
        named = next((known[_key(one)] for one in spellings if _key(one) in known), None)
        if named is not None:
            found[says] = named
    return found


def _key(name: object) -> str:
    text = str(name).replace("（", "(").replace("）", ")")
    return _SPACES.sub("", text).lower()
