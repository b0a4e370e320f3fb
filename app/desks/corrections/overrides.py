"""Corrections by people, in words and from what a planner points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from analysis.policy import Policy
from app.i18n import say
from app.workbench.policies import resolve_folder_rules
from geo.corrections.location_remarks import place_remarks, street_remarks
from geo.corrections.model import Correction, CorrectionKind, UnitPart, check_correction
from geo.corrections.store import UNIT_CORRECTIONS, add_override, list_overrides, remove_override
from geo.corrections.user_geometry import Remark, read_geometry
from geo.errors import UsageError
from geo.importing import derive_units, revise_units
from geo.messages import EMPTY, Sentence
from geo.storage.commits import transaction
from geo.storage.dataset import Dataset, open_dataset


def store_corrections(folder: Path, corrections: Sequence[Correction], policy: Policy) -> list[str]:
    """Add corrections to a dataset, and derive its units anew where they change.

    Parameters
    ----------
    folder
        Dataset folder.
    corrections
        Of one form: all make sense, or none is kept.
    policy
        By whose rules the units are derived.

    Returns
    -------
    Their ids, in order.

    Raises
    ------
    PlanningError
        As `geo.corrections.store.add_override`; if the folder is no dataset.
    """
    with transaction(folder):
        dataset = open_dataset(folder)
        for one in corrections:
            check_correction(dataset, one)
        ids = []
        for one in corrections:
            dataset, override_id = add_override(dataset, one)
            ids.append(override_id)
        if any(one.what in UNIT_CORRECTIONS for one in corrections):
            own, rules = resolve_folder_rules(folder), policy.unit_rules()
            if own.policy.unit_rules() == rules:  # the units there are were derived by them
                revise_units(folder, ids, rules, own.names)
            else:
                derive_units(folder, rules, own.names)
        return ids


def check_place(dataset: Dataset, correction: Correction, policy: Policy) -> tuple[Remark, ...]:
    """What is doubtful about where a correction puts a unit: the same for the page and the command line.

    Parameters
    ----------
    dataset
        As it is before the correction.
    correction
        Of a place, an outline or the street of a unit; others have no remarks.
    policy
        For the size of a unit that has a point only.
    """
    unit = correction.target
    if unit is None:
        return ()
    layers = {name: gpd.GeoDataFrame(dataset.layer(name)) for name in ("units", "streets", "boundary", "barriers")}
    if correction.what in ("placed", "outline") and correction.place is not None:
        radius_m = policy.unit_rules().point_radius_m
        return place_remarks(correction.place, unit, layers, radius_m)
    if correction.what == "value" and correction.field == "street_code" and correction.value:
        units = layers["units"]
        row = units[units["unit_id"].eq(unit) & units.geometry.notna()]
        if len(row):
            return tuple(street_remarks(row.geometry.iloc[0], unit, layers, correction.value))
    return ()


def remove_correction(folder: Path, override_id: str, policy: Policy) -> None:
    """Undo a correction; what the layers say holds again.

    Parameters
    ----------
    folder
        The dataset's folder.
    override_id
        Id of the correction.
    policy
        The policy in force.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    with transaction(folder):
        dataset = open_dataset(folder)
        table = dataset.layer("overrides")
        remove_override(dataset, override_id)
        if table["what"][table["override_id"].eq(override_id)].isin(UNIT_CORRECTIONS).any():
            derive_units(folder, policy.unit_rules(), resolve_folder_rules(folder).names)


def parse_correction(
    dataset: Dataset,
    what: CorrectionKind,
    ids: Sequence[str],
    *,
    author: str,
    reason: str,
    date: str,
    place: str | None = None,
    crs: str | None = None,
    kind: str = "bridge",
    field: str | None = None,
    value: str | None = None,
    parts: Sequence[UnitPart] = (),
) -> Correction:
    """A correction from what a planner names, writes and points at.

    Parameters
    ----------
    dataset
        The data as they are.
    what
        "closed" (one id: a crossing or gate), "passage" (`place`), "neighbours" or
        "not_neighbours" (two ids: units), "placed" (one id: a community without a place; `place`),
        "value" (one id: a unit; `field`, `value`), "outline" (one id; `place`), "split" (one id;
        `place`, two `parts`), "merged" (two ids: the unit that stays, the one it takes in).
    ids
        What it is about.
    author, reason, date
        Who says so, why, and when (ISO date).
    place, crs
        Coordinates, WKT or GeoJSON: :func:`geo.corrections.user_geometry.read_geometry`.
    kind
        Kind of the passage.

    Raises
    ------
    UsageError
        If the number of ids does not fit, or the place is none.
    """
    n = {"passage": 0, "neighbours": 2, "not_neighbours": 2, "merged": 2}.get(what, 1)
    if len(ids) != n:
        kind_name = Sentence(say(f"correction.kind_{what}").zh, what)
        raise UsageError(*say("correction.n_ids", what=kind_name, n=n, given=len(ids)))
    shape = None
    if place is not None:
        shape = read_geometry(place, dataset.manifest.metric_crs, crs)
    return Correction(
        what=what,
        author=author,
        reason=reason,
        date=date,
        units=(ids[0], ids[1]) if n == 2 else None,
        target=ids[0] if n == 1 else None,
        place=shape,
        kind=kind,
        field=field,
        value=value,
        parts=(parts[0], parts[1]) if len(parts) == 2 else None,
    )


def list_corrections(dataset: Dataset) -> list[dict[str, Any]]:
    """All corrections as plain records, their places as longitude and latitude (WGS84)."""
    table = list_overrides(dataset)
    points = table.geometry.to_crs("EPSG:4326").representative_point()
    records: list[dict[str, Any]] = []
    for row, point in zip(table.drop(columns="geometry").to_dict("records"), points, strict=True):
        plain = {str(key): None if value != value else value for key, value in row.items()}
        at = None if point is None or point.is_empty else [round(point.x, 7), round(point.y, 7)]
        records.append({**plain, "in_force": bool(row["in_force"]), "lonlat": at})
    return records


def correction_sentence(record: Mapping[str, Any]) -> Sentence:
    """One record of :func:`list_corrections` as a line."""
    about = record["target_id"] or "–".join(filter(None, [record["unit_a"], record["unit_b"]]))
    if record["what"] == "value":
        about = f"{about} {record['field']}: {record['old'] or '—'} → {record['new'] or '—'}"
    elif record["what"] in ("split", "merged"):
        about = f"{record['unit_a']} + {record['unit_b']} ({about})"
    elif record["lonlat"]:
        which = about or record["new"]
        about = "{}, {} ({})".format(*record["lonlat"], which)
    state = EMPTY if record["in_force"] else say("cli.correction_idle")
    return say("cli.correction", **record, kind=say(f"correction.kind_{record['what']}"), about=about, state=state)


def parse_part(text: str) -> UnitPart:
    """A part of a split as it is written on the command line.

    Raises
    ------
    UsageError
        If it is no "id,name,households[,m²]".

    Examples
    --------
    >>> parse_part("u1-a, 一期, 120, 9600")
    UnitPart(unit_id='u1-a', name='一期', households=120, floor_area_m2=9600.0)
    """
    words = [word.strip() for word in text.replace("，", ",").split(",")]
    try:
        area = float(words[3]) if len(words) > 3 else None
        return UnitPart(words[0], words[1], int(words[2]), area)
    except (IndexError, ValueError) as error:
        raise UsageError(*say("correction.part_form", text=text)) from error
