"""Requests are counted as `limits` counts them, without a thread for each."""

import threading
import time

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.web import counted
from app.web.counted import SweptStorage


def make_limiter():
    storage = storage_from_string(f"{SweptStorage.STORAGE_SCHEME[0]}://")
    storage.timer.join()
    return FixedWindowRateLimiter(storage), storage


def test_as_many_as_are_allowed_by_whoever_asks():
    limiter, _ = make_limiter()
    three = RateLimitItemPerMinute(3)
    assert [limiter.hit(three, "a") for _ in range(5)] == [True, True, True, False, False]
    assert limiter.hit(three, "b")
    assert limiter.get_window_stats(three, "a").remaining == 0
    assert 0 < limiter.get_window_stats(three, "a").reset_time - time.time() <= 60


def test_threads_lose_no_count_and_start_no_other_thread():
    limiter, storage = make_limiter()
    many = RateLimitItemPerMinute(10**6)
    before = threading.active_count()
    running = [threading.Thread(target=lambda: [limiter.hit(many, "a") for _ in range(500)]) for _ in range(4)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    assert threading.active_count() == before
    assert storage.get(many.key_for("a")) == 2000


def test_what_is_over_is_counted_anew_and_dropped(monkeypatch):
    limiter, storage = make_limiter()
    once = RateLimitItemPerSecond(1)
    began = time.time()
    monkeypatch.setattr(counted.time, "time", lambda: began)
    assert [limiter.hit(once, "a") for _ in range(2)] == [True, False]
    for number in range(50):
        limiter.hit(once, f"by the way {number}")
    monkeypatch.setattr(counted.time, "time", lambda: began + 1.5)
    assert limiter.hit(once, "a")
    assert len(storage.storage) == len(storage.expirations) == 1
