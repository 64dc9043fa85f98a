#!/usr/bin/env python3
"""What a script operation costs. Needs the environment of scripts/python-env.

  scripts.py AGENT MANAGER [--count 500] [--baseline 10]    a shell script with two ctx calls, one at a time and 50 at a time

AGENT is interop-agent with `ctx` and `operation-launcher` beside it, MANAGER manager-test-server; the broker is a private one. Beside it
the script runner of cloudify-common runs the same task in the way a Python agent starts it, five at once as such an agent does. Fails
when an operation fails.
"""
import argparse
import concurrent.futures
import os
import sys
import tempfile
import time

import measure
import stage as stages
from engine.load import Load

NAME = 'script_runner.tasks.run'
SOURCE = '#!/bin/sh\nport=$(ctx node properties port)\nctx returns "port $port"\n'
INPUTS = {'script_source': SOURCE, 'text': 'hello', 'number': 3}
EXPECTED = {'ok': True, 'result': 'port 8080'}
PYTHON_WORKERS = 5


def rss(agent):
    with open('/proc/{0}/status'.format(agent.pid)) as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith('VmRSS'))


def one_by_one(stage, count):
    """The time of each operation, of which there is only one at a time."""
    times = []
    for _ in range(count):
        load = Load(stage).run(1, NAME, INPUTS, outstanding=1)
        times.append(load.seconds)
        check(load)
        load.close()
    return times


def check(load):
    wrong = {task: replies for task, replies in load.replies.items() if replies != [EXPECTED]}
    assert not wrong and len(load.replies) == len(load.tasks), list(wrong.items())[:3]


def native(stage, count, label, inputs=INPUTS, name=NAME, checked=True):
    agent = stage.agent
    for outstanding in (1, 50):
        before = stages.cpu_seconds(agent.pid, with_children=True)
        load = Load(stage).run(count, name, inputs, outstanding=outstanding)
        agent.until(lambda status: status['tasks']['running'] + status['tasks']['settling'] == 0)
        spent = stages.cpu_seconds(agent.pid, with_children=True) - before
        if checked:
            check(load)
        load.close()
        print('{0}, {1} at a time: {2:.1f}/s, {3:.2f} ms CPU each, agent {4:.0f} MiB'.format(
            label, outstanding, count / load.seconds, 1000 * spent / count, rss(agent)))


def dispatch(stage, number, at_once):
    """The same by `python -m cloudify.dispatch`: operations per second, and milliseconds of CPU for each."""
    load = Load(stage)
    environment = {'LOCAL_REST_CERT_FILE': stage.agent.path('rest.pem'), 'AGENT_NAME': stage.agent.queue,
                   'PATH': os.path.dirname(sys.executable) + ':' + os.environ['PATH']}

    def run(_):
        with tempfile.TemporaryDirectory() as directory:
            output, seconds = stages.dispatch(load, directory, NAME, INPUTS, environment)
        assert output == {'type': 'result', 'payload': EXPECTED['result']}, output
        return seconds

    before, begun = stages.children_cpu_seconds(), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        times = list(pool.map(run, range(number)))
    spent, seconds = stages.children_cpu_seconds() - before, time.monotonic() - begun
    load.close()
    return number / seconds, 1000 * spent / number, 1000 * measure.percentile(times, 0.5)


def compare(stage, count, baseline):
    Load(stage).run(20, NAME, INPUTS).close()
    times = one_by_one(stage, min(count, 200))
    print('a script with two ctx calls, alone: p50 {0:.1f} ms, p95 {1:.1f} ms from message to reply'.format(
        1000 * measure.percentile(times, 0.5), 1000 * measure.percentile(times, 0.95)))
    native(stage, count, 'a script with two ctx calls')
    native(stage, count, 'a script without ctx', {'script_source': '#!/bin/sh\ntrue\n'}, checked=False)
    native(stage, count, 'no script: a native no-op', {}, 'shop.nothing', checked=False)
    for at_once in (1, PYTHON_WORKERS):
        rate, cpu, median = dispatch(stage, baseline * at_once, at_once)
        print('python -m cloudify.dispatch, the same script, {0} at a time: {1:.2f}/s, {2:.0f} ms CPU each, p50 {3:.0f} ms; '
              'a Python agent starts one for each operation, and works itself besides'.format(at_once, rate, cpu, median))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent')
    parser.add_argument('manager')
    parser.add_argument('--count', type=int, default=500)
    parser.add_argument('--baseline', type=int, default=10)
    arguments = parser.parse_args()
    with stages.lent(arguments.agent, arguments.manager, 'scripts') as stage:
        compare(stage, arguments.count, arguments.baseline)


if __name__ == '__main__':
    main()
