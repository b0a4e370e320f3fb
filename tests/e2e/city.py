"""The fictional city for browser tests: its raw files, its dataset, two plans of it in a store."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from app.store.store import Store, open_store
from app.workbench.plans_on_disk import read_plan

ROOT = Path(__file__).resolve().parents[2]
PLANS = (("初稿", 4, 1), ("改进稿", 15, 0))
"""Name, seconds and seed of the plans of the city, the better one last."""


class City(NamedTuple):
    """Where the city is; `plan` is the better of its plans, the newest in the store."""

    raw: Path
    folder: Path
    plan: Path
    store: Store
    url: str

    @classmethod
    def of(cls, place):
        """The city in a folder that `build_city` filled."""
        url = f"sqlite:///{place / 'plans.sqlite'}"
        return cls(place / "raw", place / "city", place / f"{PLANS[-1][2]}.json", open_store(url), url)

    def copied(self, place):
        """A copy of the dataset, with the tiles that are there already: what is saved disturbs nobody."""
        for folder in (self.folder, cache_of(self.folder)):
            if folder.exists():
                shutil.copytree(folder, place / folder.name)
        return place / self.folder.name


def build_city(place):
    """Write the files of the city into a folder, import them, plan twice."""
    place.mkdir(parents=True)
    city = City.of(place)
    pianqu("demo", "--size", "city", "--raw", city.raw, "--into", city.folder)
    for name, seconds, seed in PLANS:
        plan = place / f"{seed}.json"
        pianqu("plan", city.folder, "--mode", "mixed", "--seconds", seconds, "--seed", seed, "--out", plan)
        city.store.create_plan(name, read_plan(plan), "王敏")
    return city


def cache_of(folder):
    return folder.with_name(f"{folder.name}.cache")


def pianqu(*arguments):
    command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
