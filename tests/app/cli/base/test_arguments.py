"""Options of a plan are given to a command from their table."""

import inspect

from app.cli.base.arguments import takes_options
from app.planning.options import PlanOptions


def test_the_command_takes_the_options_by_name_with_their_defaults():
    @takes_options("seed", "mode")
    def command(folder: str, loud: bool = False, **chosen: object) -> None:
        told.update(chosen, folder=folder, loud=loud)

    told: dict = {}
    assert [*inspect.signature(command).parameters] == ["folder", "seed", "mode", "loud"]
    command(folder="d", seed=3, mode="lead", loud=True)
    assert told == {"folder": "d", "seed": 3, "mode": "lead", "loud": True}
    assert inspect.signature(command).parameters["seed"].default == PlanOptions().seed
