"""A list of named checks, and how they are run and reported."""

import json
import traceback


class Checks(object):
    def __init__(self):
        self._checks = []

    def __call__(self, name):
        """Decorate a function of the environment as a check; it fails by raising."""
        def add(function):
            self._checks.append((name, function))
            return function
        return add

    def run(self, environment):
        """Run all in order, one JSON line each. True when every one has passed."""
        passed_all = True
        for name, function in self._checks:
            try:
                detail = function(environment)
                passed = True
            except Exception:
                detail = traceback.format_exc()
                passed = passed_all = False
            print(json.dumps({'name': name, 'passed': passed, 'detail': detail}), flush=True)
        return passed_all


def equal(actual, expected):
    """Fail with both values unless they are the same, types of numbers included."""
    if json.dumps(actual, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise AssertionError('got      {0}\nexpected {1}'.format(
            json.dumps(actual, sort_keys=True), json.dumps(expected, sort_keys=True)))


def instance(actual, expected_class):
    """Fail unless the class is exactly this one: RecoverableError must not pass for OperationRetry."""
    if type(actual) is not expected_class:
        raise AssertionError('got a {0}: {1!r}\nexpected a {2}'.format(
            type(actual).__name__, actual, expected_class.__name__))
