"""A cluster on this machine whose workers may be killed."""


def open_cluster(n_workers=2, **worker):
    """Worker processes of one thread, started again when they die; a task that kills its worker fails at once.

    Left to itself the scheduler hands it to three more workers in a row. A worker killed in the moment it
    starts is not started again by its nanny (distributed 2026.8), so that none may be left. `geo.tasks` tries such
    parts again itself, alone.
    """
    from distributed import LocalCluster

    kept = {"threads_per_worker": 1, "dashboard_address": None, "scheduler_kwargs": {"allowed_failures": 0}}
    return LocalCluster(n_workers=n_workers, **kept, **worker)
