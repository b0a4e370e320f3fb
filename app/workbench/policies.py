"""The policy and the names a dataset is kept by: which are in force, who chose them, kept with the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely import box

from analysis.policy import DEFAULT_POLICY, Policy, parse_policy
from app.i18n import say
from geo.errors import PolicyError
from geo.importing import derive_units
from geo.messages import Sentence
from geo.names import NameRules, parse_names
from geo.storage.commits import MANIFEST, lock_dataset
from geo.storage.dataset import Dataset, open_dataset, write_dataset

POLICY, NAMES = "policy.toml", "names.toml"
"""Files of a dataset: what it is kept by."""
DEFAULT_NAMES = DEFAULT_POLICY.with_name("baotou_names.toml")
TEMPLATE_POLICY = DEFAULT_POLICY.with_name("template.toml")
TEMPLATE_NAMES = DEFAULT_POLICY.with_name("template_names.toml")
"""Of no city: what other cities begin with."""
_LONGEST_CITY = 40


@dataclass(frozen=True)
class RulesInForce:
    """The policy and the names in force for a dataset.

    Parameters
    ----------
    policy, names
        As read.
    texts, files
        Their texts, and the bare names of the files they were read from first, by the dataset's own
        file names.
    named
        Which of them was named now.
    is_kept
        Whether the dataset keeps the policy.
    is_default
        Whether nobody ever chose it: the shipped policy, because no other was named.
    policy_file
        Of the policy named now; None where the dataset's own or the shipped one holds.
    """

    policy: Policy
    names: NameRules
    texts: Mapping[str, str]
    files: Mapping[str, str]
    named: frozenset[str]
    is_kept: bool
    is_default: bool
    policy_file: Path | None = None

    @property
    def record(self) -> dict[str, Any]:
        """What is kept and shown of the policy: name, version, hash, file, who chose it."""
        return {
            "name": self.policy.name,
            "version": self.policy.version,
            "sha256": self.policy.sha256,
            "file": self.files[POLICY],
            "chosen": "default" if self.is_default else "stated",
        }

    @property
    def chosen_zh(self) -> str:
        """Who chose it, in Chinese."""
        if self.is_default:
            return "默认, 未另行指定"
        return f"由 --policy {self.files[POLICY]} 指定" + (", 存于数据集" if self.is_kept else "")

    @property
    def chosen_en(self) -> str:
        """Who chose it, in English."""
        if self.is_default:
            return "the default, no other was named"
        kept = ", kept in the dataset" if self.is_kept else ""
        return f"named by --policy {self.files[POLICY]}{kept}"

    @property
    def sentence(self) -> Sentence:
        """The policy in force."""
        policy = self.policy
        title = f"{policy.name} {policy.version}".strip()
        sha = policy.sha256[:12]
        return Sentence(
            f"现行政策参数: {title} ({self.chosen_zh}) sha256 {sha}",
            f"Policy in force: {title} ({self.chosen_en}) sha256 {sha}",
        )


def fill_template(city: str) -> str:
    """The text of the neutral template with the name of a city in its title; as it is for "".

    Examples
    --------
    >>> 'city_zh = "某某市"' in fill_template(" 某某市 ")
    True
    """
    city = "".join(letter for letter in " ".join(city.split()) if letter.isprintable())[:_LONGEST_CITY]
    text = TEMPLATE_POLICY.read_text(encoding="utf-8")
    if not city:
        return text
    named, title = (json.dumps(words, ensure_ascii=False) for words in (city, f"{city}片区规划参数"))
    text = text.replace('city_zh = ""', f"city_zh = {named}", 1)
    return text.replace('name = "片区规划参数 (通用模板)"', f"name = {title}", 1)


def resolve_rules(dataset: Dataset | None, policy: Path | None = None, names: Path | None = None) -> RulesInForce:
    """What is in force: a file named now, else what the dataset is kept by, else the shipped default.

    Parameters
    ----------
    dataset
        Opened; None before there is one.
    policy, names
        Files named now.

    Raises
    ------
    PolicyError, UnreadableFileError
        If one of the files is not as it should be.
    """
    texts: dict[str, str] = {}
    files: dict[str, str] = {}
    kept = {} if dataset is None else dataset.manifest.in_force
    for name, named, shipped in ((POLICY, policy, DEFAULT_POLICY), (NAMES, names, DEFAULT_NAMES)):
        own = None if dataset is None or named is not None else dataset.text(name)
        texts[name] = _text(named or shipped) if own is None else own
        first = (named or shipped).name
        files[name] = first if own is None else str(kept.get(name, {}).get("file", name))
    is_kept = policy is None and dataset is not None and POLICY in dataset.manifest.files
    chosen = kept.get(POLICY, {}).get("chosen") if is_kept else None
    where = policy or (Path(POLICY) if is_kept else DEFAULT_POLICY)
    return RulesInForce(
        parse_policy(texts[POLICY], where),
        parse_names(texts[NAMES], files[NAMES]),
        texts,
        files,
        frozenset(name for name, path in ((POLICY, policy), (NAMES, names)) if path is not None),
        is_kept,
        is_default=chosen == "default" if is_kept else policy is None,
        policy_file=policy,
    )


def resolve_folder_rules(folder: Path, policy: Path | None = None, names: Path | None = None) -> RulesInForce:
    """As :func:`resolve_rules`, of a folder that may not be a dataset yet.

    Parameters
    ----------
    folder
        The dataset's folder.
    policy, names
        Files named now; None = those the folder keeps.
    """
    is_there = (folder / MANIFEST).is_file()
    return resolve_rules(open_dataset(folder) if is_there else None, policy, names)


def store_rules(folder: Path, used: RulesInForce) -> Sentence | None:
    """Keep in a dataset what it was just read by, and derive its units anew where they rest on it.

    What nobody named now gives way to what the dataset is kept by.

    Parameters
    ----------
    folder
        A dataset.
    used
        What was in force for whoever read files into it.

    Returns
    -------
    A sentence in Chinese and English where another policy was replaced; None otherwise.
    """
    with lock_dataset(folder):
        dataset = open_dataset(folder)
        before = resolve_rules(dataset)
        texts = {
            name: text for name, text in used.texts.items() if name in used.named or name not in dataset.manifest.files
        }
        now = parse_policy(texts.get(POLICY, before.texts[POLICY]), Path(POLICY))
        known = {POLICY: used.record, NAMES: {"file": used.files[NAMES]}}
        records = {name: known[name] for name in texts}
        was_kept = POLICY in dataset.manifest.files
        is_other = now.unit_rules() != before.policy.unit_rules()
        if is_other or now.unit_rules() != used.policy.unit_rules():
            names = parse_names(texts.get(NAMES, before.texts[NAMES]), NAMES)
            derive_units(folder, now.unit_rules(), names, kept=texts, in_force=records)
        elif any(dataset.text(name) != text for name, text in texts.items()):
            in_force = {**dataset.manifest.in_force, **records}
            write_dataset(folder, replace(dataset.manifest, in_force=in_force), {}, kept=texts)
    if not was_kept or before.policy.sha256 == now.sha256:
        return None
    return say(
        "workbench.policy_replaced",
        before=before.policy.name,
        before_sha=before.policy.sha256[:12],
        name=now.name,
        sha=now.sha256[:12],
    )


def check_policy_covers_data(rules: RulesInForce, dataset: Dataset) -> Sentence | None:
    """That a policy nobody chose is for another place than the data; None where it fits or was chosen.

    Parameters
    ----------
    rules
        In force.
    dataset
        Whose units are looked at; invented data are nowhere.
    """
    bounds = rules.policy.bounds
    if not rules.is_default or bounds is None or dataset.manifest.demo or not dataset.has("units"):
        return None
    units = dataset.layer("units")
    placed = gpd.GeoSeries(units.geometry[units.geometry.notna() & ~units.geometry.is_empty])
    if placed.empty:
        return None
    west, south, east, north = bounds
    inside = placed.representative_point().to_crs("EPSG:4326").within(box(west, south, east, north))
    n_out, n = int((~inside).sum()), len(placed)
    if n_out * 2 <= n:
        return None
    policy = rules.policy
    city = say("workbench.its_city")
    city = city._replace(zh=policy.city_zh or city.zh)
    return say("workbench.elsewhere", city=city, n=n, n_out=n_out, name=policy.name)


def _text(path: Path) -> str:
    """The text of a file somebody named."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(*say("workbench.policy_unreadable", path=path, error=error)) from error
