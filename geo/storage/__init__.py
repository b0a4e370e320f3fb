"""A dataset on disk: files that appear whole or not at all, commits, one writer at a time."""
