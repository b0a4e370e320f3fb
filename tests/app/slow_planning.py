"""A planning run that takes its time, so that it can be stopped and killed: a job like the real one."""

import time

from app.jobs import planning

REST_S = 1.2


class SlowTeller(planning.Teller):
    def hear(self, news):
        super().hear(news)
        if news.phase == "searching":
            time.sleep(REST_S)


if __name__ == "__main__":
    planning.Teller = SlowTeller
    planning.main()
