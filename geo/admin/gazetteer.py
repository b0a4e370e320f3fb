"""The districts, streets and neighbourhoods of a dataset: their names, and what a name or an older code means."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pyarrow.parquet import read_schema

from geo.admin.jurisdictions import NAMES, impute_admin_codes, is_district_code
from geo.admin.place_codes import (
    district_core,
    full_name_forms,
    is_from_name,
    neighbourhood_core,
    normalise_code,
    split_code,
    street_core,
)
from geo.errors import UnknownCodeError
from geo.messages import join_names, load_catalogue
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)

Layers = Mapping[str, pd.DataFrame]
LAYERS = ("units", "communities", "buildings", "streets", "neighbourhoods", "boundary")
"""What the functions of this module read."""
_COLUMNS = (
    "unit_id",
    "name",
    "district_code",
    "street_code",
    "neighbourhood_code",
    "district_name",
    "street_name",
    "neighbourhood_name",
)


@dataclass(frozen=True)
class KnownStreet:
    """A street of a dataset.

    Parameters
    ----------
    code
        Its code, made from names or not.
    name
        As people write it; the longest of several, without 办事处.
    cores
        Its names as they stand in codes.
    districts
        Codes and cores of names of the district it is in.
    """

    code: str
    name: str
    cores: frozenset[str]
    districts: frozenset[str]


@dataclass(frozen=True, eq=False)
class _StoredLayers(Mapping[str, pd.DataFrame]):
    """The columns this module reads of the layers of a dataset, each read when it is asked for."""

    dataset: Dataset

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in LAYERS:
            raise KeyError(name)
        if not self.dataset.has(name):
            return pd.DataFrame(columns=list(_COLUMNS), dtype="str")
        path = self.dataset.folder / f"{name}.parquet"
        there = [column for column in _COLUMNS if column in read_schema(path).names]
        return pd.read_parquet(path, columns=there)

    def __iter__(self) -> Iterator[str]:
        return iter(LAYERS)

    def __len__(self) -> int:
        return len(LAYERS)


def gazetteer_layers(dataset: Dataset) -> Layers:
    """The layers of a dataset that this module reads, without shapes; read when they are needed."""
    return _StoredLayers(dataset)


def units_with_jurisdictions(dataset: Dataset) -> pd.DataFrame:
    """The units, codes filled from the names next to them where they lack one.

    They lack none that a name tells unless the dataset was made before names made walls.
    """
    units = dataset.layer("units")
    if not units[["district_code", "street_code"]].isna().to_numpy().any():
        return units
    layers = gazetteer_layers(dataset)
    source_names = {name: units["unit_id"].map(_source_names(layers, name)) for name in NAMES}
    if not any(stated.notna().any() for stated in source_names.values()):
        return units
    named = units.assign(**source_names)
    filled, _ = impute_admin_codes(named, layers["streets"], layers["neighbourhoods"], layers["boundary"])
    return filled.drop(columns=list(NAMES))


def known_streets(layers: Layers) -> tuple[KnownStreet, ...]:
    """The streets of the table and of the units, by code.

    Parameters
    ----------
    layers
        "units", "communities", "buildings", "streets" and "boundary", those that are there.
    """
    names: dict[str, Counter[str]] = defaultdict(Counter)
    districts: dict[str, set[str]] = defaultdict(set)
    for district, name, code, street in _admin_rows(layers):
        if street:
            names[street][name] += bool(name)
            districts[street] |= {part for part in (code, district_core(district)) if part}
            if is_from_name(street):
                parent, core = split_code(street)
                names[street][core] += 0
                districts[street].add(parent)
    by_code = _named_districts(layers)
    found = []
    for code, stated in sorted(names.items()):
        own = {name for name in stated if name}
        cores = frozenset(street_core(name) for name in own)
        inside = {one.removeprefix("N-") for one in districts[code] if one}
        inside |= {district_core(by_code[one]) for one in inside if one in by_code}
        found.append(KnownStreet(code, _most_common(stated) or code, cores, frozenset(inside - {""})))
    return tuple(found)


def find_streets(query: str, streets: Sequence[KnownStreet]) -> tuple[str, ...]:
    """Codes of the streets that a code, a code made from names, or a name may mean.

    Parameters
    ----------
    query
        "150203001", "150203001000", "N-昆都仑-前进道", "前进道街道", "昆都仑区前进道街道",
        "昆都仑区/前进道街道".
    streets
        Of the dataset.

    Examples
    --------
    >>> here = [KnownStreet("150203001", "前进道街道", frozenset({"前进道"}), frozenset({"150203", "昆都仑"}))]
    >>> said = ("150203001000", "N-昆都仑-前进道", "前进道街道办事处", "昆都仑区/前进", "青山区/前进道")
    >>> [find_streets(one, here) for one in said]
    [('150203001',), ('150203001',), ('150203001',), ('150203001',), ()]
    """
    code = str(normalise_code(query.strip()))
    if any(street.code == code for street in streets):
        return (code,)
    for district, core in _parse_street_text(code):
        near = [one for one in streets if not district or district in one.districts]
        for fits in (
            lambda cores, core=core: core in cores,
            lambda cores, core=core: bool(cores & full_name_forms(core)),
            lambda cores, core=core: any(core in full_name_forms(one) for one in cores),
        ):
            found = [one.code for one in near if fits(one.cores)]
            if found:
                return tuple(found)
    return ()


def resolve_street_codes(query: Iterable[str], streets: Sequence[KnownStreet]) -> tuple[str, ...]:
    """The codes of streets recognised by code or name.

    Parameters
    ----------
    query
        Codes or names.
    streets
        Those known.

    Raises
    ------
    UnknownCodeError
        Where one is not known, or several streets bear the name.
    """
    found = []
    for text in query:
        codes = find_streets(text, streets)
        if len(codes) > 1:
            raise UnknownCodeError(*say("error.several_streets", text=text, n=len(codes), codes=join_names(codes)))
        if not codes:
            some = "、".join(f"{one.code} {one.name}" for one in streets[:5]) or "-"
            raise UnknownCodeError(*say("error.no_street", text=text, n=len(streets), some=some))
        found.append(codes[0])
    return tuple(found)


def street_names(layers: Layers) -> dict[str, str]:
    """Name of each street by its code: that of the table, else the one next to the units."""
    streets = layers["streets"]
    tabled = dict(zip(streets["street_code"], streets["name"], strict=True))
    if layers["units"]["street_code"].dropna().isin(tabled).all():
        return tabled
    return {one.code: one.name for one in known_streets(layers)} | tabled


def district_names(layers: Layers) -> dict[str, str]:
    """Name of each district by its code: of the tables, else the one next to the units."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    units = layers["units"]
    named_so = units[units["district_code"].map(is_from_name).astype(bool)]
    stated = _source_names(layers, "district_name") if len(named_so) else {}
    for unit, code in zip(named_so["unit_id"], named_so["district_code"], strict=True):
        name = stated.get(unit, "")
        found[code][name if district_core(name) == code[2:] else code[2:]] += 1
    named = {code: _most_common(names) for code, names in found.items()}
    return named | _named_districts(layers)


def neighbourhood_names(layers: Layers) -> dict[str, str]:
    """Name of each neighbourhood by its code: of the table, else the one next to the units."""
    table = layers["neighbourhoods"]
    tabled = dict(zip(table["neighbourhood_code"], table["name"], strict=True))
    units = layers["units"]
    if not units["neighbourhood_code"].map(is_from_name).any():
        return tabled
    names = _source_names(layers, "neighbourhood_name")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, code in zip(units["unit_id"], units["neighbourhood_code"], strict=True):
        if is_from_name(code):
            core = split_code(code)[1]
            name = names.get(unit, "")
            found[code][name if neighbourhood_core(name) == core else core] += 1
    return {code: _most_common(names) for code, names in found.items()} | tabled


def _admin_rows(layers: Layers) -> Iterator[tuple[str, str, str, str]]:
    """District's name, street's name, district's code, street's code of tables and units; "" = none."""
    if (streets := layers.get("streets")) is not None:
        yield from zip(*_texts(streets, ("district_name", "name", "district_code", "street_code")), strict=True)
    units, tabled = layers["units"], set(() if streets is None else streets["street_code"])
    districts, streets_of = (_source_names(layers, name) for name in ("district_name", "street_name"))
    for unit, code, street in zip(units["unit_id"], *_texts(units, ("district_code", "street_code")), strict=True):
        name = streets_of.get(unit, "")
        if street in tabled or (is_from_name(street) and not _is_form(street_core(name), split_code(street)[1])):
            name = ""  # the table names it, or the name contradicts its code
        yield districts.get(unit, ""), name, code, street


def _is_form(core: str, full: str) -> bool:
    return core == full or full in full_name_forms(core)


def _source_names(layers: Layers, column: str) -> dict[str, str]:
    """What stands next to each unit in the table it came from."""
    found: dict[str, str] = {}
    for layer in ("buildings", "communities"):
        frame = layers.get(layer)
        if frame is None or column not in frame:
            continue
        stated = frame[frame[column].notna() & frame["unit_id"].notna()]
        found |= dict(zip(stated["unit_id"], stated[column].astype(str), strict=True))
    return found


def _named_districts(layers: Layers) -> dict[str, str]:
    """Names of districts by real code, from the tables."""
    found: dict[str, str] = {}
    for layer, name in (("streets", "district_name"), ("boundary", "name")):
        frame = layers.get(layer)
        if frame is None or not len(frame):
            continue
        stated = frame.dropna(subset=["district_code", name])
        if layer == "boundary":
            stated = stated[stated["district_code"].map(is_district_code).astype(bool)]
        found |= dict(zip(stated["district_code"], stated[name].astype(str), strict=True))
    return found


def _most_common(names: Mapping[str, int]) -> str:
    """The name most rows bear; of several the longest, then the first in order."""
    stated = [name for name in names if name]
    return min(stated, key=lambda name: (-names[name], -len(name), name), default="")


def _parse_street_text(query: str) -> Iterator[tuple[str, str]]:
    """(district, core of the name) a text may mean, the likeliest first; "" = any district."""
    if is_from_name(query):
        yield split_code(query)
        return
    for sign in ("/", "／", " "):
        if sign in query:
            district, _, street = query.partition(sign)
            yield district_core(district), street_core(street)
    yield "", street_core(query)
    for end in ("区", "县", "旗", "市"):
        if 0 < (at := query.rfind(end)) < len(query) - 1:
            yield district_core(query[: at + 1]), street_core(query[at + 1 :])


def _texts(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[str]]:
    return [
        frame[column].fillna("").astype(str).tolist() if column in frame else [""] * len(frame) for column in columns
    ]
