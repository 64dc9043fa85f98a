#!/usr/bin/env python3
"""What an operation costs with the manager's REST service around it. Needs the environment of scripts/python-env.

  rest.py AGENT MANAGER overhead [--count 1000]   requests and CPU of native operations, one at a time and 50 at a time
  rest.py AGENT MANAGER outage                    the manager is away for 10 s in the middle of 200 operations

AGENT is interop-agent, MANAGER manager-test-server; the broker is a private one. Fails when an operation or a log record is missing.
"""
import argparse
import collections
import os
import tempfile
import time

import stage as stages
from engine.load import Load
import run_engine


def overhead(stage, count):
    manager, agent = stage.worker._manager, stage.agent
    Load(stage).run(50, 'shop.nothing').close()
    for label, name, inputs in (
        ('no-op', 'shop.nothing', {}),
        ('3 log records', 'shop.write', {'lines': 3}),
        ('3 log records, an event, runtime properties', 'shop.lifecycle', {}),
    ):
        for outstanding in (1, 50):
            if name == 'shop.lifecycle' and outstanding > 1:
                continue  # All change one instance: conflicts, as the SDK reports them, and no figure.
            number = count
            manager.tell('clear')
            before = agent.cpu_seconds(), stages.cpu_seconds(manager.pid)
            load = Load(stage)
            # What prepares the operations' records is the measurement's own.
            own = collections.Counter({'POST executions': 1, 'PATCH executions': 1, 'POST tasks_graphs': 1})
            load.run(number, name, inputs, outstanding=outstanding)
            agent.until(lambda status: status['tasks']['running'] + status['tasks']['settling'] == 0)
            spent, spent_by_manager = agent.cpu_seconds() - before[0], stages.cpu_seconds(manager.pid) - before[1]
            requests = collections.Counter(manager.tell('requests'))
            requests.subtract(own)
            assert not load.failures(), list(load.failures().items())[:3]
            load.close()
            per = {kind: round(amount / number, 3) for kind, amount in sorted(requests.items()) if amount > 0}
            print('{0}, {1} at a time: {2:.0f}/s, agent {3:.2f} ms CPU each (manager for tests {4:.2f}), {5:.2f} requests each: {6}'.format(
                label, outstanding, number / load.seconds, 1000 * spent / number, 1000 * spent_by_manager / number,
                sum(per.values()), ', '.join('{0} {1}'.format(kind, amount) for kind, amount in per.items())))
    print('python -m cloudify.dispatch, a no-op, one at a time: {0:.1f}/s, {1:.0f} ms CPU each; the Python agent runs one for each '
          'operation, and works itself besides'.format(*dispatch(stage)))
    print('the Python agent, a no-op: 2.9/s one at a time and 5.6/s 50 at a time, 307 ms CPU each (measured earlier, elsewhere)')


def dispatch(stage, number=10):
    """Operations per second and milliseconds of CPU for each, of the process in which a Python agent runs an operation."""
    load = Load(stage)
    with tempfile.TemporaryDirectory() as directory:
        with open(directory + '/nothing.py', 'w') as file:
            file.write('def nothing(**_): pass\n')
        environment = {'LOCAL_REST_CERT_FILE': os.devnull, 'AGENT_NAME': stage.agent.queue, 'PYTHONPATH': directory}
        before, begun = stages.children_cpu_seconds(), time.monotonic()
        for _ in range(number):
            output, _ = stages.dispatch(load, directory, 'nothing.nothing', {}, environment)
            assert output == {'type': 'result', 'payload': None}, output
        spent, seconds = stages.children_cpu_seconds() - before, time.monotonic() - begun
    load.close()
    return number / seconds, 1000 * spent / number


def outage(stage, count):
    found = run_engine.outage(stage)
    print('{operations} operations in {seconds:.1f} s, the manager away for {away:.1f} s of them: {0} failed, logs incomplete or out '
          'of order of {1}; {replies_before} answered before, {replies_during} meanwhile'.format(
              len(found['failed']), len(found['incomplete_logs']), **found))
    assert not found['failed'] and not found['incomplete_logs'], list((found['failed'] or found['incomplete_logs']).items())[:3]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent')
    parser.add_argument('manager')
    parser.add_argument('scenario', choices=['overhead', 'outage'])
    parser.add_argument('--count', type=int, default=1000)
    arguments = parser.parse_args()
    with stages.lent(arguments.agent, arguments.manager, 'rest') as stage:
        globals()[arguments.scenario](stage, arguments.count)


if __name__ == '__main__':
    main()
