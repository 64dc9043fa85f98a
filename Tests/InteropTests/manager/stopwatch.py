"""Measures how long something takes, less the time that a busy machine keeps from this process."""

import threading
import time

INTERVAL = 0.005


class Stopwatch:
    """Counts inside a with statement: `counted` is what a limit is compared with, `took` all of the time."""

    def __enter__(self):
        self._late = 0.0
        self._ended = threading.Event()
        self._began = self._ran = time.monotonic()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._note()
        self.took = self._ran - self._began
        self.counted = self.took - self._late
        self._ended.set()
        self._thread.join()

    def _note(self):
        """Who waits for the processor is late by now."""
        now = time.monotonic()
        self._late += max(0.0, now - self._ran - INTERVAL)
        self._ran = now

    def _ask(self):
        while not self._ended.wait(INTERVAL):
            self._note()
