"""The fictional city 云岭市: a bureau's files made up from a seed, and the dataset they give."""

from geo.demo.raw import OnProgress, RawFile, build_demo, write_raw

__all__ = ["OnProgress", "RawFile", "build_demo", "write_raw"]
