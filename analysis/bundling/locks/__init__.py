"""Planners' locks, and the problem they leave: presolved, so that any search keeps them."""
