"""Plates of a plan for print: one PDF of maps at true scales, with the pages of its areas."""
