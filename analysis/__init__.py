"""What a dataset means under a policy: areas, indicators, explanations; no file formats, no screens."""
