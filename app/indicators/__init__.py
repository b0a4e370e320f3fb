"""Indicators as the page and the workbooks show them."""
