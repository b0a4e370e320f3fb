"""Real codes take over from those made from names, in every layer that refers to a street."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.admin.gazetteer import KnownStreet, find_streets
from geo.admin.place_codes import district_core, district_of_street, is_from_name, neighbourhood_core, street_core
from geo.findings import Finding
from geo.messages import load_catalogue
from geo.schema import KEYS

say = load_catalogue(__file__)

_CORE = {"streets": street_core, "neighbourhoods": neighbourhood_core}
_PARENT = {"streets": "district_code", "neighbourhoods": "street_code"}
_REFERRING = {
    "streets": (
        ("communities", "street_code"),
        ("buildings", "street_code"),
        ("neighbourhoods", "street_code"),
        ("permits", "street_a"),
        ("permits", "street_b"),
    ),
    "neighbourhoods": (("communities", "neighbourhood_code"), ("buildings", "neighbourhood_code")),
}


def is_provisional(code: object) -> bool:
    """Whether a street or neighbourhood has a code that was made here, from names or otherwise.

    Examples
    --------
    >>> is_provisional("N-昆都仑-前进道"), is_provisional("s0123456789ab"), is_provisional("150203001")
    (True, True, False)
    """
    return is_from_name(code) or (isinstance(code, str) and bool(re.fullmatch(r"[sn][0-9a-f]{12}", code)))


def replace_provisional_codes(layers: dict[str, pd.DataFrame]) -> None:
    """Rows of streets and neighbourhoods with a provisional code give way to the row with the real one.

    What the real row does not say is kept from the provisional one; layers that refer to its code
    refer to the real one. `layers` is changed in place, a layer only where anything in it changes.
    """
    for layer in ("streets", "neighbourhoods"):
        frame = layers[layer]
        codes = _find_real_codes(layer, frame) if len(frame) else {}
        if not codes:
            continue
        layers[layer] = _drop_replaced(frame, KEYS[layer], codes)
        for name, column in _REFERRING[layer]:
            other = layers.get(name)
            if other is not None and column in other and other[column].isin(codes).any():
                stated = other[column].astype(object)
                layers[name] = other.assign(
                    **{column: stated.map(lambda code, codes=codes: codes.get(code, code)).astype("str")}
                )


def update_permit_streets(permits: pd.DataFrame, streets: Sequence[KnownStreet]) -> tuple[pd.DataFrame, list[Finding]]:
    """The permits with the present codes of the streets they name, and those that name none.

    Parameters
    ----------
    permits
        The layer; the same object comes back where nothing changes.
    streets
        Of the dataset.
    """
    found = permits
    lost: list[str] = []
    for column in ("street_a", "street_b"):
        named = permits[column].dropna().astype(str)
        present = {text: find_streets(text, streets) for text in named.unique()}
        lost += sorted(text for text, codes in present.items() if len(codes) != 1)
        changed = {text: codes[0] for text, codes in present.items() if len(codes) == 1 and codes[0] != text}
        if changed:
            present_codes = found[column].astype(object).replace(changed)
            found = found.assign(**{column: present_codes.astype("str")})
    if not streets:
        return found, []
    stated = _find_cross_district_permits(found, streets)
    if not lost:
        return found, stated
    listed = "、".join(dict.fromkeys(lost))
    return found, [
        *stated,
        Finding(
            "warning",
            "permits.unknown_street",
            *say("finding.unknown_street", listed=listed),
            layer="permits",
            column="street_a",
            value=listed,
        ),
    ]


def _find_cross_district_permits(permits: pd.DataFrame, streets: Sequence[KnownStreet]) -> list[Finding]:
    """Permits of two streets of two districts: no permit lets an area cross a district (R20)."""
    inside = {one.code: district_of_street(one.code) for one in streets}
    crossing = [
        str(permit)
        for permit, one, two in zip(
            permits["permit_id"], permits["street_a"].map(inside.get), permits["street_b"].map(inside.get), strict=True
        )
        if isinstance(one, str) and isinstance(two, str) and one != two and is_from_name(one) == is_from_name(two)
    ]
    if not crossing:
        return []
    listed = "、".join(crossing[:5])
    return [
        Finding(
            "warning",
            "permits.across_districts",
            *say("finding.across_districts", n=len(crossing), listed=listed),
            layer="permits",
            column="street_a",
            value=listed,
        )
    ]


def update_override_streets(overrides: pd.DataFrame, streets: Sequence[KnownStreet]) -> pd.DataFrame:
    """Corrections of a unit's street with the present code of the street they name.

    Parameters
    ----------
    overrides
        The layer of corrections.
    streets
        Those known now.
    """
    of_street = overrides["field"].eq("street_code") & overrides["new"].map(is_provisional)
    if not of_street.any():
        return overrides
    stated = overrides["new"].astype(object)
    for at in overrides.index[of_street]:
        codes = find_streets(str(stated[at]), streets)
        stated[at] = codes[0] if len(codes) == 1 else stated[at]
    return overrides.assign(new=stated.astype(overrides["new"].dtype))


def _find_real_codes(layer: str, frame: pd.DataFrame) -> dict[str, str]:
    """The real code of each provisional row whose name one real row of its parent bears."""
    key, core = KEYS[layer], _CORE[layer]
    rows = frame.to_dict("records")
    real: dict[str, list[Mapping[Any, Any]]] = {}
    for row in rows:
        if not is_provisional(row[key]):
            real.setdefault(core(row["name"]), []).append(row)
    found = {}
    for row in rows:
        if is_provisional(row[key]):
            fits = [one for one in real.get(core(row["name"]), []) if _is_compatible(layer, row, one)]
            if len(fits) == 1:
                found[str(row[key])] = str(fits[0][key])
    return found


def _is_compatible(layer: str, row: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Whether two rows of one name may lie in one district (or street): codes and names agree."""
    pairs = zip(_parents(layer, row), _parents(layer, other), strict=True)
    return not any(one and two and one != two for one, two in pairs)


def _parents(layer: str, row: Mapping[Any, Any]) -> tuple[str, str]:
    """Real code, and core of the name, of what a row lies in; "" = not known."""
    stated = row.get(_PARENT[layer])
    code = stated if isinstance(stated, str) else ""
    if layer != "streets":
        return ("" if is_provisional(code) else code), ""
    own = str(row["street_code"])
    name = district_core(row.get("district_name"))
    if is_from_name(code):
        code, name = "", name or code.removeprefix("N-")
    if not code and re.fullmatch(r"\d{9}", own):
        code = own[:6]
    return code, name


def _drop_replaced(frame: pd.DataFrame, key: str, codes: Mapping[str, str]) -> pd.DataFrame:
    """The frame without rows that gave way; what only they said stands in the rows that stay."""
    given = frame[frame[key].isin(codes)]
    kept = frame[~frame[key].isin(codes)].copy()
    at = {code: position for position, code in enumerate(kept[key])}
    stated = {column: kept[column].to_numpy(dtype=object).copy() for column in kept}
    for row in given.to_dict("records"):
        where = at[codes[str(row[key])]]
        for column, value in row.items():
            if pd.isna(stated[column][where]) and not pd.isna(value):
                stated[column][where] = value
    shapes = stated.pop("geometry", None)
    plain = pd.DataFrame({c: pd.Series(v, kept.index, dtype=kept[c].dtype) for c, v in stated.items()})
    if shapes is None:
        return plain.reset_index(drop=True)
    drawn = gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(shapes, kept.index, crs=kept.crs))
    return drawn.reset_index(drop=True)
