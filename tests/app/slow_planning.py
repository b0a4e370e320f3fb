"""A planning run that takes its time, so that it can be stopped and killed: a job like the real one."""

import time

from analysis.bundling.solver.exact import listed_groups
from app.planning import child

REST_S = 1.2


class SlowWriter(child.ProgressWriter):
    """Rests at every news of the search, as long as the run may take and nobody asks it to stop."""

    rested_s = 0.0

    def update(self, progress):
        super().update(progress)
        most_s = self.job.request()["options"]["seconds"]
        if progress.phase == "searching" and self.rested_s < most_s and not self.job.is_stop_asked():
            time.sleep(REST_S)
            self.rested_s += REST_S


if __name__ == "__main__":
    child.ProgressWriter = SlowWriter
    listed_groups.MOST_UNITS = 0  # a little town would be solved by listing, with no search to wait for
    child.main()
