"""Cells become values: numbers with units, years, dates, codes; what is doubtful says so."""
