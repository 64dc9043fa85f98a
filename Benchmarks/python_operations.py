#!/usr/bin/env python3
"""What an operation of a Python plugin costs, through the broker and the agent's program. Needs the environment of scripts/python-env.

  python_operations.py AGENT MANAGER [--count 500] [--baseline 20]

A function that does nothing, by a Python of its own (cold) and by one that waits and forks (warm), one and eight at a time: operations per
second, processor time of the agent and all its processes for each, and the time from message to reply. Beside it the same function in the way a
Python agent starts it. AGENT is interop-agent with `operation-launcher` beside it, MANAGER manager-test-server; the broker is a private one.
Fails when an operation fails, or when a warm one was not.
"""
import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'Tests', 'InteropTests'))
import measure
import run_engine
from engine import places
from engine.load import Load
from engine.management_worker import ManagementWorker

NAME = 'noop_plugin.nothing'
SOURCE = 'def nothing(**_):\n    pass\n'
TICKS = os.sysconf('SC_CLK_TCK')


def tree_seconds(root):
    """Processor time of a process, of all that is below it, and of all that these have waited for."""
    times, parents = {}, {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open('/proc/{0}/stat'.format(name)) as file:
                    fields = file.read().rsplit(')', 1)[1].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
            times[int(name)] = sum(int(field) for field in fields[11:15])

    def is_below(pid):
        while pid > 1 and pid != root:
            pid = parents.get(pid, 0)
        return pid == root

    return sum(time for pid, time in times.items() if is_below(pid)) / TICKS


def percentiles(times):
    return ', '.join('p{0} {1:.1f} ms'.format(part, 1000 * measure.percentile(times, part / 100)) for part in (50, 95))


def operations(stage, way, count, outstanding):
    agent = stage.agent
    before = tree_seconds(agent.pid)
    load = Load(stage, plugin='script').run(count, NAME, outstanding=outstanding)
    agent.until(lambda status: status['tasks']['running'] + status['tasks']['settling'] == 0)
    spent = tree_seconds(agent.pid) - before
    assert not load.failures(), list(load.failures().items())[:3]
    load.close()
    print('{0}, {1} at a time: {2:.1f}/s, {3:.1f} ms CPU each (agent and all its processes), {4}'.format(
        way, outstanding, count / load.seconds, 1000 * spent / count, percentiles(load.times)))


def dispatch(stage, folder, number):
    """`python -m cloudify.dispatch` alone, as a Python agent starts it."""
    load = Load(stage, plugin='script')
    environment = dict(os.environ, REST_PROTOCOL='http', LOCAL_REST_CERT_FILE=stage.agent.path('rest.pem'), PYTHONPATH=folder,
                       AGENT_NAME=stage.agent.queue, CLOUDIFY_DISPATCH='true')
    before, times = resource.getrusage(resource.RUSAGE_CHILDREN), []
    for _ in range(number):
        with tempfile.TemporaryDirectory() as directory:
            _, message = load._message(NAME, {}, 'app')
            context = message['cloudify_task']['kwargs']['__cloudify_context']
            with open(directory + '/input.json', 'w') as file:
                json.dump({'cloudify_context': context, 'args': [], 'kwargs': {}}, file)
            begun = time.monotonic()
            subprocess.run([sys.executable, '-u', '-m', 'cloudify.dispatch', directory], check=True, env=environment,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times.append(time.monotonic() - begun)
            with open(directory + '/output.json') as file:
                assert json.load(file) == {'type': 'result', 'payload': None}
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    load.close()
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    print('python -m cloudify.dispatch alone, 1 at a time: {0:.1f}/s, {1:.0f} ms CPU each, {2}; a Python agent starts one for each '
          'operation, and works itself besides'.format(number / sum(times), 1000 * cpu / number, percentiles(times)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent')
    parser.add_argument('manager')
    parser.add_argument('--count', type=int, default=500)
    parser.add_argument('--baseline', type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = directory + '/modules'
        os.mkdir(folder)
        with open(folder + '/noop_plugin.py', 'w') as file:
            file.write(SOURCE)
        node = measure.Broker(directory + '/rabbitmq')
        agents = []
        try:
            broker = places.Broker('127.0.0.1', node.port, node.http_port, 'python')
            broker.make()
            with places.Manager(arguments.manager) as manager:
                worker = ManagementWorker(broker, manager)
                for way in ('cold', 'warm'):
                    agent = places.Agent(arguments.agent, broker, workers=8, settings={
                        'PYTHONPATH': folder, 'OPERATIVE_PYTHON_INTERPRETER': sys.executable,
                        'OPERATIVE_PYTHON_DISPATCHER': way})
                    agents.append(agent)
                    with agent:
                        stage = run_engine.Stage(worker, agent, io.StringIO())
                        Load(stage, plugin='script').run(10, NAME).close()
                        for outstanding in (1, 8):
                            operations(stage, way, arguments.count if way == 'warm' else arguments.count // 5, outstanding)
                        if way == 'warm':
                            dispatch(stage, folder, arguments.baseline)
                    assert 'start a Python process each' not in agent.log(), agent.log()
                worker.close()
        finally:
            for agent in agents:
                agent.remove()
            node.stop()


if __name__ == '__main__':
    main()
