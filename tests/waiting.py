"""Tests of news while something takes long, on machines that may be busy: they wait for news, not for time."""

import time

from geo.errors import ChangedMeanwhileError
from geo.storage.dataset import open_dataset

MOST_S = 60


def goes_on_until_told(function, told, more=3):
    """The function, which first goes on until a listener has appended so many more news to a list.

    Parameters
    ----------
    function
        A step of which nothing is told by itself.
    told
        What the listener appends to.
    more
        How many news to wait for.
    """

    def slow(*arguments, **options):
        begun, until = len(told), time.monotonic() + MOST_S
        while len(told) < begun + more:
            assert time.monotonic() < until, f"{len(told) - begun} news within {MOST_S} s"
            time.sleep(0.05)
        return function(*arguments, **options)

    return slow


def read_layer(folder, layer):
    """A layer of a dataset that a server may be writing: read again where it changed meanwhile, as the error says.

    Parameters
    ----------
    folder
        Of the dataset.
    layer
        Its name.
    """
    until = time.monotonic() + MOST_S
    while True:
        try:
            return open_dataset(folder).layer(layer)
        except ChangedMeanwhileError:
            assert time.monotonic() < until, f"{folder} changes all the time"
            time.sleep(0.05)


def wait_for(find, most_s=2 * MOST_S):
    """What a function finds in the end, asked again and again.

    Parameters
    ----------
    find
        Returns something false while it is not there.
    most_s
        Patience.
    """
    until = time.monotonic() + most_s
    while not (found := find()):
        assert time.monotonic() < until, f"did not come within {most_s} s"
        time.sleep(0.05)
    return found
