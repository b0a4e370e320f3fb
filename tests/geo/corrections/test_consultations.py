"""Talks with owners are kept one by one, decide who is unwilling, and can be taken back."""

import pandas as pd
import pytest

from geo.corrections.consultations import (
    Consultation,
    add_consultation,
    consultation_status,
    read_consultations,
    remove_consultation,
)
from geo.errors import UnknownCodeError, UsageError
from geo.importing import derive_units, store_layers
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset
from geo.storage.manifest import new_manifest

RULES = UnitRules()
TABLE = pd.DataFrame({"unit_id": ["a", "b"], "name": ["甲园", "乙园"], "merge_willingness": ["no", None]})


@pytest.fixture
def town(tmp_path):
    layers = {"communities": TABLE, "consents": pd.DataFrame({"unit_id": ["b"], "agrees": ["no"]})}
    store_layers(
        tmp_path / "town",
        layers,
        manifest=new_manifest("虚构城", "EPSG:4546"),
        findings=(),
        unit_rules=RULES,
        replace=False,
    )
    return derive_units(tmp_path / "town", RULES)


def talk(unit_id="a", agrees="yes", stage="owners_consulted", **more):
    said = {"author": "张三", "date": "2026-06-30", **more}
    return Consultation(unit_id, agrees, stage, **said)


def willing(town):
    units = derive_units(town.folder, RULES).layer("units").set_index("unit_id")
    return units["merge_willingness"].to_dict()


def test_an_imported_consent_stands_above_the_ledger(town):
    assert willing(town) == {"a": "no", "b": "no"}


def test_the_last_talk_decides_and_taking_it_back_restores(town):
    before = open_dataset(town.folder).manifest.all_sha256
    town, first = add_consultation(town, talk())
    assert willing(town)["a"] == "yes"
    town, second = add_consultation(open_dataset(town.folder), talk(agrees="no", stage=None))
    assert willing(town)["a"] == "no"
    told = consultation_status(read_consultations(open_dataset(town.folder))).loc["a"]
    assert (told["agrees"], told["stage"], told["n"]) == ("no", "owners_consulted", 2)
    town = remove_consultation(open_dataset(town.folder), second)
    assert willing(town)["a"] == "yes"
    remove_consultation(open_dataset(town.folder), first)
    assert willing(town)["a"] == "no"
    assert open_dataset(town.folder).manifest.all_sha256 == before


def test_who_never_refused_may_agree_without_a_new_plan(town):
    before = open_dataset(town.folder).manifest.planning_sha256
    add_consultation(town, talk("b", agrees=None, stage="contacted"))
    willing(town)
    assert open_dataset(town.folder).manifest.planning_sha256 == before


def test_a_talk_survives_the_ledger_coming_again(town):
    add_consultation(town, talk())
    store_layers(
        town.folder,
        {"communities": TABLE.assign(households=[5, 6])},
        manifest=open_dataset(town.folder).manifest,
        findings=(),
        unit_rules=RULES,
        replace=True,
    )
    assert willing(town)["a"] == "yes"


@pytest.mark.parametrize(
    "wrong",
    [
        talk("z"),
        talk(author=" "),
        talk(date="昨天"),
        talk(agrees=None, stage=None),
        talk(agrees="maybe"),
        talk(stage="done"),
    ],
)
def test_a_talk_says_who_when_and_something(town, wrong):
    with pytest.raises((UsageError, UnknownCodeError)):
        add_consultation(town, wrong)
    with pytest.raises(UnknownCodeError):
        remove_consultation(town, "k0")
