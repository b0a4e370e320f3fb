"""A region of many districts, each a dataset of its own: prepared, planned and summed up district by district."""
