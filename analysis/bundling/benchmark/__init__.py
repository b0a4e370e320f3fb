"""Benchmark instances: read, decomposed, solved with the parts planners' solves are made of."""
