"""A workbench of a dataset's folder, and of a plan's file."""

from app.workbench.plans_on_disk import read_plan
from app.workbench.workbench import build_workbench, open_context


def open_workbench(folder, plan_path):
    """The workbench of a folder; without a plan where `plan_path` is None."""
    context = open_context(folder)
    return build_workbench(context, plan_path and read_plan(plan_path), name=plan_path.stem if plan_path else None)
