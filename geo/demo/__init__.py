"""The fictional city 云岭市: a bureau's files made up from a seed, and the dataset they give."""

from geo.demo.raw import OnProgress, build_demo, write_raw
from geo.demo.raw_files import RawFile

__all__ = ["OnProgress", "RawFile", "build_demo", "write_raw"]
