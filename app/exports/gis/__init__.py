"""Plans as files for geographic information systems and CAD."""
