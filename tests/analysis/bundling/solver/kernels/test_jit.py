"""Compiled code is kept by what it was compiled from, all of it."""

import ast
from pathlib import Path

import numpy as np
import pytest
from numba.core import config

from analysis.bundling.solver.kernels import jit


@pytest.fixture
def sources(tmp_path):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "a.py").write_text("A = 1\n")
    (tmp_path / "kernels" / "b.py").write_text("B = 1\n")
    return tmp_path


def test_a_change_of_any_source_is_another_cache(sources, tmp_path):
    first = jit.cache_folder(sources, tmp_path / "cache")
    assert jit.cache_folder(sources, tmp_path / "cache") == first
    (sources / "kernels" / "b.py").write_text("B = 2\n")
    changed = jit.cache_folder(sources, tmp_path / "cache")
    (sources / "kernels" / "b.py").rename(sources / "kernels" / "c.py")
    assert len({first, changed, jit.cache_folder(sources, tmp_path / "cache")}) == 3


def test_where_the_program_may_not_write_the_next_folder_is_taken(tmp_path):
    (tmp_path / "file").write_text("")
    second = tmp_path / "user" / "cache"
    assert jit.writable_folder(tmp_path / "file" / "in a file", second) == second
    assert jit.writable_folder(second, tmp_path) == second
    assert list(second.iterdir()) == []


def test_kernels_are_kept_by_their_own_sources_and_need_no_others():
    kernels = Path(jit.__file__).parent
    assert config.CACHE_DIR.rpartition("numba-")[2] == jit.cache_folder(kernels, kernels).name[6:]
    imported = {
        node.module or ""
        for path in kernels.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    ours = {name for name in imported if name.split(".")[0] in {"analysis", "geo", "app", "pianqu"}}
    others = {name for name in ours if not name.startswith("analysis.bundling.solver.kernels.")}
    assert others == {
        "analysis.bundling.solver.base.subproblem"
    }  # whose arrays are taken before compiled code is called


def test_numbers_are_drawn_evenly():
    state = jit.random_state(np.random.default_rng(1))
    with np.errstate(over="ignore"):  # whole numbers wrap around, as they do when compiled
        drawn = np.array([jit.uniform.py_func(state) for _ in range(2000)])
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert abs(drawn.mean() - 0.5) < 0.03
