#!/usr/bin/env python3
"""What a script operation costs. Needs the environment of scripts/python-env.

  scripts.py AGENT MANAGER [--count 500] [--baseline 10]    a shell script with two ctx calls, one at a time and 50 at a time

AGENT is interop-agent with `ctx` and `operation-launcher` beside it, MANAGER manager-test-server; the broker is a private one. Beside it
the script runner of cloudify-common runs the same task in the way a Python agent starts it, five at once as such an agent does. Fails
when an operation fails.
"""
import argparse
import concurrent.futures
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

NAME = 'script_runner.tasks.run'
SOURCE = '#!/bin/sh\nport=$(ctx node properties port)\nctx returns "port $port"\n'
INPUTS = {'script_source': SOURCE, 'text': 'hello', 'number': 3}
EXPECTED = {'ok': True, 'result': 'port 8080'}
PYTHON_WORKERS = 5


def cpu_seconds(agent):
    """Of the agent and of all processes that it has waited for."""
    with open('/proc/{0}/stat'.format(agent.pid)) as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf('SC_CLK_TCK')


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
        before = cpu_seconds(agent)
        load = Load(stage).run(count, name, inputs, outstanding=outstanding)
        agent.until(lambda status: status['tasks']['running'] + status['tasks']['settling'] == 0)
        spent = cpu_seconds(agent) - before
        if checked:
            check(load)
        load.close()
        print('{0}, {1} at a time: {2:.1f}/s, {3:.2f} ms CPU each, agent {4:.0f} MiB'.format(
            label, outstanding, count / load.seconds, 1000 * spent / count, rss(agent)))


def dispatch(stage, number, at_once):
    """The same by `python -m cloudify.dispatch`: operations per second, and milliseconds of CPU for each."""
    load = Load(stage)
    environment = dict(os.environ, REST_PROTOCOL='http', LOCAL_REST_CERT_FILE=stage.agent.path('rest.pem'), AGENT_NAME=stage.agent.queue,
                       CLOUDIFY_DISPATCH='true', PATH=os.path.dirname(sys.executable) + ':' + os.environ['PATH'])

    def run(_):
        with tempfile.TemporaryDirectory() as directory:
            _, message = load._message(NAME, INPUTS, 'app')
            context = message['cloudify_task']['kwargs']['__cloudify_context']
            with open(directory + '/input.json', 'w') as file:
                json.dump({'cloudify_context': context, 'args': [], 'kwargs': INPUTS}, file)
            begun = time.monotonic()
            subprocess.run([sys.executable, '-u', '-m', 'cloudify.dispatch', directory], check=True, cwd=directory,
                           env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seconds = time.monotonic() - begun
            with open(directory + '/output.json') as file:
                output = json.load(file)
            assert output == {'type': 'result', 'payload': EXPECTED['result']}, output
            return seconds

    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        times = list(pool.map(run, range(number)))
    spent, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
    load.close()
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    return number / seconds, 1000 * cpu / number, 1000 * measure.percentile(times, 0.5)


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
    with tempfile.TemporaryDirectory() as directory:
        node = measure.Broker(directory + '/rabbitmq')
        agent = None
        try:
            broker = places.Broker('127.0.0.1', node.port, node.http_port, 'scripts')
            broker.make()
            agent = places.Agent(arguments.agent, broker)
            with places.Manager(arguments.manager) as manager:
                worker = ManagementWorker(broker, manager)
                with agent:
                    compare(run_engine.Stage(worker, agent, io.StringIO()), arguments.count, arguments.baseline)
                worker.close()
        finally:
            if agent:
                agent.remove()
            node.stop()


if __name__ == '__main__':
    main()
