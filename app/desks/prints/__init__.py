"""Sheets and the briefing are made for paper."""
