"""What measurements with a manager share: a private broker, the manager for tests, an agent between them, and the Python way beside it.

Needs the environment of scripts/python-env. The agent is interop-agent, the manager manager-test-server.
"""
import contextlib
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
from engine.management_worker import ManagementWorker


@contextlib.contextmanager
def lent(agent_program, manager_program, name):
    """A run_engine.Stage of its own."""
    with tempfile.TemporaryDirectory() as directory:
        node = measure.Broker(directory + '/rabbitmq')
        agent = None
        try:
            broker = places.Broker('127.0.0.1', node.port, node.http_port, name)
            broker.make()
            agent = places.Agent(agent_program, broker)
            with places.Manager(manager_program) as manager:
                worker = ManagementWorker(broker, manager)
                with agent:
                    yield run_engine.Stage(worker, agent, io.StringIO())
                worker.close()
        finally:
            if agent:
                agent.remove()
            node.stop()


def cpu_seconds(pid, with_children=False):
    """The CPU time of a process, and of all processes that it has waited for."""
    with open('/proc/{0}/stat'.format(pid)) as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return sum(int(field) for field in fields[11:15 if with_children else 13]) / os.sysconf('SC_CLK_TCK')


def children_cpu_seconds():
    """The CPU time of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def dispatch(load, directory, name, inputs, environment):
    """Runs one operation in the process that a Python agent starts for it: its output, and how many seconds it took."""
    _, message = load._message(name, inputs, 'app')
    context = message['cloudify_task']['kwargs']['__cloudify_context']
    with open(directory + '/input.json', 'w') as file:
        json.dump({'cloudify_context': context, 'args': [], 'kwargs': inputs}, file)
    begun = time.monotonic()
    subprocess.run([sys.executable, '-u', '-m', 'cloudify.dispatch', directory], check=True, cwd=directory,
                   env=dict(os.environ, REST_PROTOCOL='http', CLOUDIFY_DISPATCH='true', **environment),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - begun
    with open(directory + '/output.json') as file:
        return json.load(file), seconds
