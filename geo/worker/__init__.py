"""The child process in which files are read: all that reads, put together, and started by `geo.sandbox`."""
