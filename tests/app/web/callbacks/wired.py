"""What a module of callbacks wires, without a server."""

from dash import Dash


def outputs_of(register, *given) -> dict[str, bool]:
    """Each output, "id.property", and whether it waits for the reader instead of coming with the page."""
    app = Dash(__name__)
    register(app, *given)
    found = {}
    for wire in app._callback_list:
        for output in wire["output"].strip(".").split("..."):
            name = output.split("@")[0]
            found[name] = found.get(name, True) and bool(wire["prevent_initial_call"])
    return found
