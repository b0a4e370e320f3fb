"""What proves an export: its manifest, its files checked against the data, its plan made again."""
