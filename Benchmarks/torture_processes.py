#!/usr/bin/env python3
"""Kills an agent, launchers, resident parents and the broker again and again while operations run in processes of their own, and counts
what became of the operations and of everything that they started. Needs the environment of scripts/python-env.

  torture_processes.py AGENT MANAGER [--seed N] [--minutes M] [--kills N]

AGENT is interop-agent with `operation-launcher` and `ctx` beside it, MANAGER manager-test-server. A debug build dies at named failpoints
as well (see torture.py); a release build at random moments only. The agent stands in the place of a Cloudify agent, and the manager has the
records of its operations. The operations are scripts that call ctx (some ask for another attempt, some leave a server running on purpose,
some fork three deep and heed no SIGTERM) and functions in Python, warm and cold. Each writes marks with O_APPEND. The agent meets SIGKILL,
SIGTERM, SIGKILL of its launchers and of the parents of warm functions, and restarts of the broker. At the end:
  every task has exactly one final reply, after equal copies are dropped                              (lost, contradicting)
  an answer with a result has the task's own                                                          (wrong)
  no operation was started twice under one key, and none after its final reply                        (started twice, run again)
  nothing runs of an operation that was not finished, and nothing that a finished one did not leave   (orphans)
  what a finished operation has left running on purpose runs                                          (ended servers)
  no directory of an operation is left, no note of one, and no zombie                                 (left)
"""
import argparse, collections, json, os, random, shutil, signal, subprocess, sys, tempfile, threading, time, uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'Tests', 'InteropTests')]
import measure, pika, torture
from engine import places
from engine.management_worker import ManagementWorker
from cloudify_rest_client.client import CloudifyClient

QUEUE = 'host_agent1'
MARKER = 'TORTURE_RUN'
# What may be open at a failpoint is as with other operations; these have to be met here.
FAILPOINTS = ['slot-taken', 'started', 'ended', 'finished', 'flushed', 'replied', 'parked', 'settled', 'recovering']

SCRIPT = '''#!/bin/sh
mark() { read -r up rest < /proc/uptime; echo "$1 $TASK ${up%.*}${up#*.}0" >> "$PLACE/effects"; }
attempt=$(ctx -j operation retry-number) || exit 9
mark "start/$attempt"
case $KIND in
retry) [ "$attempt" -ge 1 ] || { mark "end/$attempt"; exec ctx retry-operation "not yet" 1; } ;;
server)
    setsid sleep 100000 > /dev/null 2>&1 < /dev/null &
    echo "$!" > "$PLACE/servers/$TASK.$attempt" ;;
tree)
    sh "$PLACE/tree.sh" 1 > /dev/null 2>&1 &
    until [ "$(wc -l < "$PLACE/trees/$TASK" 2> /dev/null || echo 0)" -ge 3 ]; do sleep 0.02; done
    sleep "0.$PAUSE"
    kill -KILL $(cat "$PLACE/trees/$TASK") ;;
*) sleep "0.$PAUSE"; ctx logger info "half way"; ctx node properties port > /dev/null || exit 9 ;;
esac
mark "end/$attempt"
ctx returns "$TASK"
'''

# Each heeds no SIGTERM; the second one leaves the session, the third one loses its parent's.
TREE = '''trap '' TERM HUP
echo $$ >> "$PLACE/trees/$TASK"
case $1 in
1) setsid sh "$PLACE/tree.sh" 2 & ;;
2) (sh "$PLACE/tree.sh" 3 &) ;;
esac
exec sleep 100000
'''

PLUGIN = '''import os
import time

from cloudify import ctx


def mark(what, task, place):
    line = '%s/%d %s %d\\n' % (what, ctx.operation.retry_number, task, time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)
    with open(place + '/effects', 'ab', 0) as file:
        file.write(line.encode())


def work(task, place, pause, **_):
    mark('start', task, place)
    time.sleep(pause)
    mark('end', task, place)
    return task
'''


class Tasks:
    """Sends operations, each group of ten in an execution of its own, never too many at once."""

    def __init__(self, chance, broker, manager, ids, place, backlog):
        self.chance, self.broker, self.ids, self.place, self.backlog = chance, broker, ids, place, backlog
        self.client = CloudifyClient(host='127.0.0.1', port=manager.port, protocol='http',
                                     headers={'Authentication-Token': 'admin'}, tenant=places.TENANT)
        self.port = manager.port
        # What the task is, by its id.
        self.kinds, self.cancelled, self.sent, self.running, self.replies = {}, set(), [], True, None
        self.channel = self.open()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def open(self):
        channel = self.broker.connect().channel()
        channel.exchange_declare(QUEUE, 'direct', durable=True)
        for name, key in (('replies', 'replies'), (f'{QUEUE}_operation', 'operation'), (f'{QUEUE}_service', 'service')):
            channel.queue_declare(name, durable=True)
            channel.queue_bind(name, QUEUE, key)
        channel.confirm_delivery()
        return channel

    def run(self):
        while self.running:
            if len(self.kinds) - len(self.replies.bodies) < self.backlog:
                self.send_group()
            else:
                time.sleep(0.02)

    def publish(self, key, payload, task=None):
        headers = {'x-operative-answer-cancelled': True} if task else None
        properties = pika.BasicProperties(delivery_mode=2, correlation_id=task, reply_to='replies' if task else None, headers=headers)
        while True:
            try:
                return self.channel.basic_publish(QUEUE, key, json.dumps(payload), properties, mandatory=True)
            except Exception:
                # Unconfirmed: a copy of what the broker has is for the agent to recognise.
                time.sleep(0.3)
                try:
                    self.channel = self.open()
                except Exception:
                    pass

    def send_group(self):
        execution = self.client._client.post('/executions', expected_status_code=201, data={
            'deployment_id': 'dep1', 'workflow_id': 'execute_operation', 'parameters': {}})
        self.client.executions.update(execution['id'], 'started')
        messages = [self.message(execution) for _ in range(10)]
        self.client.tasks_graphs.create(execution['id'], 'load', [{
            'id': message['id'], 'name': 'work', 'state': 'sent', 'type': 'RemoteWorkflowTask', 'dependencies': [],
            'parameters': {'current_retries': 0, 'total_retries': 60, 'send_task_events': True,
                           'task_kwargs': {'kwargs': message['cloudify_task']['kwargs']}}} for message in messages])
        for message in messages:
            self.publish('operation', message, message['id'])
        # A later one: the agent has this one's tasks by then.
        self.sent.append((execution['id'], [message['id'] for message in messages]))
        execution, ids = self.sent[-5 if len(self.sent) >= 5 else 0]
        if self.chance.random() < 0.1:
            self.cancelled.update(ids)
            self.publish('service', {'service_task': {
                'task_name': 'cancel-operation', 'kwargs': {'execution_id': execution}}})

    def message(self, execution):
        task = str(uuid.UUID(int=self.chance.getrandbits(128)))
        kind = self.chance.choices(['plain', 'retry', 'server', 'tree', 'warm', 'cold', 'native'], [6, 3, 1, 2, 8, 1, 2])[0]
        pause = self.chance.choice([0, 0, 2, 5, 20, 50])
        self.kinds[task] = kind
        name, inputs = 'script_runner.tasks.run', {
            'script_source': SCRIPT, 'TASK': task, 'KIND': kind, 'PAUSE': '%02d' % pause, 'PLACE': self.place}
        plugin = 'shop'
        if kind in ('warm', 'cold'):
            # Of the agent's own Python: nothing is to be installed.
            plugin = 'script'
            name, inputs = 'tortureplugin.work', {'task': task, 'place': self.place, 'pause': pause / 100}
        if kind == 'native':
            name, inputs = 'shop.nothing', {}
        context = {
            '__cloudify_context': '0.3', 'type': 'operation', 'task_id': task, 'task_name': name, 'execution_id': execution['id'],
            'workflow_id': 'execute_operation', 'tenant': {'name': places.TENANT}, 'timeout': None, 'timeout_recoverable': None,
            'node_id': self.ids['app'], 'node_name': 'app',
            'plugin': {'name': plugin, 'package_name': None, 'package_version': None, 'visibility': None, 'tenant_name': None,
                       'source': None, 'properties': {}},
            'operation': {'name': 'tests.load', 'retry_number': 0, 'max_retries': 60}, 'has_intrinsic_functions': False,
            'host_id': self.ids['host'], 'executor': 'host_agent', 'local': False, 'rest_token': execution['execution_token'],
            'execution_token': execution['execution_token'], 'rest_host': ['127.0.0.1'], 'rest_port': self.port,
            'bypass_maintenance': None, 'workflow_parameters': {}, 'execution_creator_username': 'admin', 'blueprint_id': 'bp1',
            'deployment_id': 'dep1', 'deployment_display_name': 'Dep One', 'deployment_creator': 'admin',
            'deployment_resource_tags': {}, 'task_queue': QUEUE, 'task_target': QUEUE,
        }
        # Variables of its own keep it from a parent that others share.
        if kind == 'cold':
            context['execution_env'] = {'OF_ITS_OWN': 'yes'}
        return {'id': task, 'cloudify_task': {'kwargs': dict(inputs, __cloudify_context=context)}}


class Place(places.Agent):
    """An agent that is started and killed as often as it takes, with everything that it and its operations make in one directory."""

    def __init__(self, program, broker, directory, run):
        super().__init__(program, broker, queue=QUEUE, workers=8)
        self.marks = directory
        self.temporary = os.path.join(directory, 'temporary')
        os.mkdir(self.temporary)
        self._environment.update({
            MARKER: run, 'TMPDIR': self.temporary, 'CFY_EXEC_TEMP': self.temporary, 'PYTHONPATH': os.path.join(directory, 'python'),
            'PYTHONDONTWRITEBYTECODE': '1', 'OPERATIVE_PYTHON_INTERPRETER': sys.executable, 'OPERATIVE_RETRY_MODE': 'requeue',
            'OPERATIVE_DRAIN_TIMEOUT': '2s'})
        self.output = open(self.path('output'), 'a')

    def start(self, **variables):
        self.process = subprocess.Popen(self._arguments, env=dict(self._environment, **variables), stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.output)
        self.pid = self._process = self.process

    def children(self, is_wanted):
        """Pids of the agent's children of which this is true; it is given the whole command line."""
        return [pid for pid, fields in processes() if int(fields[1]) == self.process.pid and is_wanted(command(pid))]

    def zombies(self):
        return [pid for pid, fields in processes() if int(fields[1]) == self.process.pid and fields[0] == 'Z']

    def leftovers(self):
        """Everything that an operation may have made and not taken away."""
        state = self.path('work', 'operative')
        found = [os.path.join(self.temporary, name) for name in os.listdir(self.temporary)]
        for folder in ('ctx', 'temporary'):
            path = os.path.join(state, folder)
            found += [os.path.join(path, name) for name in (os.listdir(path) if os.path.isdir(path) else [])]
        return found


def processes():
    """All processes, with the fields of `stat` behind the name."""
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open(f'/proc/{name}/stat') as file:
                    yield int(name), file.read().rsplit(')', 1)[1].split()
            except OSError:
                pass


def command(pid):
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            return file.read().decode(errors='replace').replace('\0', ' ')
    except OSError:
        return ''


def of_this_run(run, programs):
    """What still runs of everything that any of the agents has started: it has inherited the variable, or is the launcher."""
    found = {}
    for pid, fields in processes():
        if fields[0] in 'ZX':
            continue
        try:
            with open(f'/proc/{pid}/environ', 'rb') as file:
                marked = f'{MARKER}={run}'.encode() in file.read().split(b'\0')
            if marked or os.readlink(f'/proc/{pid}/exe').startswith(programs):
                found[pid] = command(pid)
        except OSError:
            pass
    return found


def variable(pid, name):
    """A variable of a process's environment; empty when there is none."""
    try:
        with open(f'/proc/{pid}/environ') as file:
            return next((text.partition('=')[2] for text in file.read().split('\0') if text.startswith(f'{name}=')), '')
    except OSError:
        return ''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('agent')
    parser.add_argument('manager')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--kills', type=int, default=10, help='at least so many deaths, even when the minutes are over')
    parser.add_argument('--log', help='where the agent\'s log goes when something is wrong')
    parser.add_argument('--release', action='store_true', help='AGENT has no failpoints')
    a = parser.parse_args()
    chance = random.Random(a.seed)
    print(f'seed {a.seed}', flush=True)
    with tempfile.TemporaryDirectory(prefix='operative-torture-') as directory:
        for name in ('servers', 'trees', 'python', 'programs'):
            os.mkdir(f'{directory}/{name}')
        for path, text in (('tree.sh', TREE), ('python/tortureplugin.py', PLUGIN)):
            with open(f'{directory}/{path}', 'w') as file:
                file.write(text)
        # Of its own: a launcher has nothing by which it could be told from that of another run.
        for program in (a.agent, *(os.path.join(os.path.dirname(a.agent), name) for name in ('operation-launcher', 'ctx'))):
            shutil.copy2(program, f'{directory}/programs')
        broker = measure.Broker(f'{directory}/broker')
        run_id, agent, status = str(uuid.UUID(int=chance.getrandbits(128))), None, 1
        try:
            there = places.Broker('127.0.0.1', broker.port, broker.http_port, '/')
            agent = Place(f'{directory}/programs/{os.path.basename(a.agent)}', there, directory, run_id)
            with places.Manager(a.manager) as manager:
                worker = ManagementWorker(there, manager)
                ids = worker.create_deployment('dep1', os.path.join(HERE, '..', 'Tests', 'InteropTests', 'engine', 'blueprint.yaml'), QUEUE)
                status = run(a, chance, broker, manager, agent, ids, directory, run_id)
                worker.close()
        finally:
            for pid in of_this_run(run_id, f'{directory}/programs'):
                os.kill(pid, signal.SIGKILL)
            if agent:
                if status and a.log:
                    shutil.copy(agent.path('output'), a.log)
                agent.remove()
            broker.stop()
    sys.exit(status)


def disturb(chance, agent, until):
    """Kills a launcher or a resident parent now and then until the agent's time is up or it has ended. Returns how many of each."""
    done = collections.Counter()
    while time.monotonic() < until and agent.process.poll() is None:
        time.sleep(min(0.3, max(0, until - time.monotonic())))
        if chance.random() < 0.9:
            continue
        what = chance.choice(['launcher', 'parent'])
        victims = agent.children(lambda line: 'operation-launcher' in line if what == 'launcher' else line.startswith(sys.executable))
        if victims:
            try:
                os.kill(chance.choice(sorted(victims)), signal.SIGKILL)
                done[what] += 1
            except ProcessLookupError:
                pass
    return done


def run(a, chance, broker, manager, agent, ids, directory, run_id):
    tasks = Tasks(random.Random(chance.random()), broker, manager, ids, directory, backlog=60)
    tasks.replies = replies = torture.Replies(broker)
    tasks.thread.start()
    hits, deaths, end = collections.Counter(), 0, time.time() + a.minutes * 60
    while time.time() < end or deaths < a.kills:
        point = FAILPOINTS[deaths // 2 % len(FAILPOINTS)] if deaths % 2 == 0 and not a.release else None
        count = 1 if point == 'recovering' else chance.choice([1, 2, 7, 20])
        agent.start(**({'OPERATIVE_FAILPOINT': f'{point}@{count}'} if point else {}))
        hits.update(disturb(chance, agent, time.monotonic() + (15 if point else chance.uniform(0.5, 9))))
        deaths += 1
        if agent.process.poll() is not None:
            if agent.process.returncode != -signal.SIGKILL or not point:
                print(f'the agent ended by itself with {agent.process.returncode}', flush=True)
                return 1
            hits[point] += 1
        elif deaths % 5 == 0:
            agent.process.terminate()
            hits['SIGTERM'] += 1
            if agent.process.wait(60) != 0:
                print(f'after SIGTERM the agent ended with {agent.process.returncode}', flush=True)
                return 1
        else:
            if deaths % 12 == 6:
                broker.stop()
                broker.start()
                hits['broker'] += 1
                time.sleep(3)
            agent.process.kill()
            agent.process.wait()
            hits['SIGKILL'] += 1
    tasks.running = False
    tasks.thread.join()
    agent.start()
    seen, since = -1, time.time()
    while len(replies.bodies) < len(tasks.kinds) and time.time() - since < 60:
        time.sleep(0.2)
        if len(replies.bodies) != seen:
            seen, since = len(replies.bodies), time.time()
    time.sleep(3)
    zombies = agent.zombies()
    agent.process.terminate()
    status = agent.process.wait(60)
    replies.stopping = True
    return report(tasks, replies, agent, hits, deaths, status, zombies, directory, run_id)


def report(tasks, replies, agent, hits, deaths, status, zombies, directory, run_id):
    with open(f'{directory}/effects') as file:
        effects = [line.split() for line in file]
    # The marks are dated by the clock that /proc/uptime shows.
    shift = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
    starts = collections.defaultdict(list)
    for what, task, milliseconds in effects:
        if what.startswith('start/'):
            starts[task, what.split('/')[1]].append(int(milliseconds) / 1000 - shift)
    answers = {task: [json.loads(body) for body in bodies] for task, bodies in replies.bodies.items()}
    succeeded = {task for task, bodies in answers.items() if all(body.get('ok') for body in bodies)}
    running = of_this_run(run_id, f'{directory}/programs')
    # By task, the servers of its attempts. That of the attempt that succeeded, which is the last one, must run. Another attempt has failed, or was
    # cancelled: when its script had come to its end, what it has left may run, else nothing may.
    servers = collections.defaultdict(dict)
    for name in os.listdir(f'{directory}/servers'):
        with open(f'{directory}/servers/{name}') as file:
            servers[name.split('.')[0]][int(name.split('.')[1])] = int(file.read())
    killed_servers, purposeful = [], set()
    ended = {(task, what.split('/')[1]) for what, task, _ in effects if what.startswith('end/')}
    for task, attempts in servers.items():
        last = max(attempts)
        if task in succeeded and attempts[last] not in running:
            killed_servers.append(task)
        purposeful.update(pid for attempt, pid in attempts.items()
                          if task in succeeded and attempt == last or (task, str(attempt)) in ended)
    orphans = {pid: line for pid, line in running.items() if pid not in purposeful}
    left = agent.leftovers()
    found = {
        'lost': [task for task in tasks.kinds if task not in answers],
        'contradicting replies': [task for task, bodies in answers.items() if len(bodies) > 1],
        'wrong': [task for task in succeeded if tasks.kinds[task] != 'native' and answers[task][0].get('result') != task],
        'started twice': [f'{task} {attempt}' for (task, attempt), times in starts.items() if len(times) > 1],
        'run again after the reply': [
            task for (task, _), times in starts.items() if task in replies.first and max(times) > replies.first[task] + 0.05],
        'orphans': [f'{variable(pid, "TASK")} {pid} {line}' for pid, line in orphans.items()],
        'ended servers': killed_servers,
        'left': [f'{path} {os.listdir(path) if os.path.isdir(path) else ""}' for path in left],
        'zombies': zombies,
    }
    failures = collections.Counter(
        (tasks.kinds[task], (bodies[0].get('error') or {}).get('message', str(bodies[0]))[:90])
        for task, bodies in answers.items() if task not in succeeded)
    print(f'deaths {deaths}: ' + ', '.join(f'{what} {count}' for what, count in sorted(hits.items())))
    print(f'tasks {len(tasks.kinds)}: ' + ', '.join(f'{kind} {count}' for kind, count in collections.Counter(tasks.kinds.values()).items())
          + f'; cancelled {len(tasks.cancelled)}, succeeded {len(succeeded)}, servers left {len(servers)}, replies {replies.count}')
    for (kind, message), count in failures.most_common(25):
        print(f'  {count:5} {kind}: {message}')
    print(', '.join(f'{what} {len(items)}' for what, items in found.items()) + f', last exit {status}')
    for what, items in found.items():
        for item in items[:5]:
            task = str(item).split()[0]
            print(f'  {what}: {item} {[str(body)[:200] for body in answers.get(task, [])]} {[e for e in effects if e[1] == task]}')
    return 1 if any(found.values()) or status else 0


if __name__ == '__main__':
    main()
