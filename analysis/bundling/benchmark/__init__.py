"""Benchmark instances: read, solved by the same machine, reported."""
