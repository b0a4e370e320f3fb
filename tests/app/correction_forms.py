"""Corrections as a planner of the tests fills them in."""

from app.desks.corrections.correction_form import CorrectionForm


def fill_form(section, unit="C011", shape=None, **fields):
    return CorrectionForm(section, unit, fields, shape, "王工", "核对")
