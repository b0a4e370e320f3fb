"""PLAN.json: written, read back, and the reasons it states."""
