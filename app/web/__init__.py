"""The workbench in the browser: server, pages, callbacks, components."""
