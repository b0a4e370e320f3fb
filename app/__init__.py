"""The rim: command line, exports and the workbench in the browser."""
