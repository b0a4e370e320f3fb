"""A town of imported layers with its plan, for the tasks that change it."""

import importlib.util
import json
from pathlib import Path

import pytest

from app.session.plan_session import PlanSession
from geo.storage.dataset import open_dataset


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("town", Path(__file__).resolve().parents[1] / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shown(builder, tmp_path):
    """A town of imported layers, with a plan made for it."""
    folder = builder.build_imported_town(tmp_path / "town")
    plan = tmp_path / "plan.json"
    document = builder.build_plan(open_dataset(folder), 10, 6)
    plan.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return PlanSession(folder, plan)
