#!/usr/bin/env python3
"""Runs bench-agent against a private RabbitMQ and counts what happens. Needs pika (scripts/python-env makes an environment with it).

  measure.py AGENT retries [--count 20000] [--min 2] [--max 20]   delayed retries: early, lost, twice, late; RSS; other work meanwhile
  measure.py AGENT queue-deleted [--count 1000]                   the agent's queue is deleted while attempts are parked
  measure.py AGENT cancelled                                      parked, cancelled, agent restarted, due: no run
  measure.py AGENT restart [--count 5000]                         the broker is stopped and started while tasks run
  measure.py AGENT blocked                                        every slot in sleep(): pong and SIGTERM
"""
import argparse, collections, json, os, random, signal, subprocess, sys, tempfile, threading, time, uuid
import pika

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUEUE = 'bench'


class Broker:
    def __init__(self, directory):
        self.directory = directory
        self.start()

    def start(self):
        out = subprocess.run([f'{ROOT}/scripts/rabbitmq-node', 'start', self.directory], check=True, capture_output=True, text=True).stdout
        ports = dict(line.split('=', 1) for line in out.split() if '=' in line)
        self.port, self.http_port = int(ports['AMQP_PORT']), int(ports['HTTP_PORT'])

    def stop(self):
        subprocess.run([f'{ROOT}/scripts/rabbitmq-node', 'stop', self.directory], check=True, capture_output=True)

    def connect(self):
        return pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', self.port, heartbeat=0))


class Agent:
    def __init__(self, program, broker, directory, **variables):
        self.file = f'{directory}/effects'
        self.log = open(f'{directory}/agent.log', 'a')
        env = dict(os.environ, BENCH_VHOST='/', BENCH_PORT=str(broker.port), BENCH_STATE=f'{directory}/state', LOAD_FILE=self.file, **variables)
        self.process = subprocess.Popen(program if isinstance(program, list) else [program], env=env, stderr=self.log)

    def rss(self):
        with open(f'/proc/{self.process.pid}/status') as f:
            return next(int(line.split()[1]) / 1024 for line in f if line.startswith('VmRSS'))

    def effects(self):
        try:
            return [line.split() for line in open(self.file)]
        except FileNotFoundError:
            return []

    def stop(self, limit=70):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(limit)


def body(task, name, inputs=None, execution='execution', retries=-1):
    context = {'type': 'operation', 'task_id': task, 'task_name': name, 'execution_id': execution, 'execution_token': 'token',
               'operation': {'name': name, 'retry_number': 0, 'max_retries': retries}, 'deployment_id': 'load', 'tenant': {'name': 'default_tenant'}}
    return json.dumps({'id': task, 'cloudify_task': {'kwargs': dict(inputs or {}, __cloudify_context=context)}})


class Manager:
    """Sends tasks and collects replies, over connections that it makes anew when the broker goes away."""

    def __init__(self, broker):
        self.broker, self.replies, self.times = broker, collections.Counter(), {}
        self.stopping = False
        self.open()
        self.channel.queue_declare('replies', durable=True)
        self.channel.queue_bind('replies', QUEUE, 'replies')
        threading.Thread(target=self.collect, daemon=True).start()

    def open(self):
        self.channel = self.broker.connect().channel()
        self.channel.confirm_delivery()
        self.channel.exchange_declare(QUEUE, 'direct', durable=True)

    def send(self, task, name, inputs=None, key='operation', reply=True, raw=None, **more):
        properties = pika.BasicProperties(delivery_mode=2, correlation_id=task, reply_to='replies' if reply else None)
        payload = raw or body(task, name, inputs, **more)
        while True:
            try:
                return self.channel.basic_publish(QUEUE, key, payload, properties, mandatory=True)
            except pika.exceptions.AMQPError:
                time.sleep(0.2)
                try:
                    self.open()
                except Exception:
                    pass

    def collect(self):
        while not self.stopping:
            try:
                channel = self.broker.connect().channel()
                for method, properties, payload in channel.consume('replies', inactivity_timeout=1):
                    if method:
                        self.replies[properties.correlation_id] += 1
                        self.times.setdefault(properties.correlation_id, time.time())
                        channel.basic_ack(method.delivery_tag)
            except Exception:
                time.sleep(0.2)

    def wait(self, count, limit, stall=30):
        seen, since, end = 0, time.time(), time.time() + limit
        while len(self.replies) < count and time.time() < end and time.time() - since < stall:
            time.sleep(0.1)
            if len(self.replies) != seen:
                seen, since = len(self.replies), time.time()
        return len(self.replies)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))] if values else float('nan')


def retries(a, broker, directory):
    agent = Agent(a.agent, broker, directory, BENCH_CONCURRENCY='4')
    manager = Manager(broker)
    manager.send('warm-up', 'demo.tasks.noop')
    manager.wait(1, 30)
    before = agent.rss()
    random.seed(1)
    delay = {}
    started = time.time()
    for number in range(a.count):
        task = f'r{number}'
        delay[task] = random.uniform(a.min, a.max)
        manager.send(task, 'load.retry', {'delay': delay[task]})
    sent = time.time() - started
    during = agent.rss()
    others = 0
    end = time.time() + max(5, a.max - sent / 2)
    while time.time() < end:
        for _ in range(100):
            manager.send(f'n{others}', 'demo.tasks.noop'); others += 1
    spent = time.time() - started - sent
    manager.wait(1 + a.count + others, 120)
    time.sleep(1)
    after = agent.rss()
    asked, due = {}, collections.defaultdict(list)
    for what, task, at in agent.effects():
        if what == 'asked': asked[task] = int(at)
        if what == 'due': due[task].append(int(at))
    late = [due[t][0] - asked[t] - delay[t] * 1000 for t in due]
    width = lambda d: 100 if d <= 10 else d * 1000 * 0.016
    print(f'retries={a.count} sent in {sent:.1f} s; replies={sum(1 for t in delay if manager.replies[t])}'
          f' lost={a.count - len(due)} twice={sum(len(v) > 1 for v in due.values())} early={sum(l < -1 for l in late)}'
          f' duplicate replies={sum(manager.replies[t] - 1 for t in delay if manager.replies[t])}')
    print(f'late: p50={percentile(late, .5):.0f} ms p99={percentile(late, .99):.0f} ms max={max(late):.0f} ms'
          f' beyond their bucket={sum(l > width(delay[t]) + 5 for l, t in zip(late, due))}')
    print(f'RSS MB: before={before:.1f} with {a.count} parked={during:.1f} after={after:.1f}; other operations meanwhile: {others / spent:.0f}/s (as fast as this sender)')
    ok = len(due) == a.count and not any(len(v) > 1 for v in due.values()) and not any(l < -1 for l in late)
    return agent.stop() == 0 and ok


def queue_deleted(a, broker, directory):
    agent = Agent(a.agent, broker, directory)
    manager = Manager(broker)
    for number in range(a.count):
        manager.send(f'q{number}', 'load.retry', {'delay': random.uniform(3, 8)})
    while sum(w == 'asked' for w, *_ in agent.effects()) < a.count: time.sleep(0.1)
    manager.channel.queue_delete(f'{QUEUE}_operation')
    got = manager.wait(a.count, 90, stall=60)
    runs = collections.Counter(t for w, t, _ in agent.effects() if w == 'due')
    print(f'parked={a.count}, queue deleted: answered={got} lost={a.count - len(runs)} twice={sum(v > 1 for v in runs.values())}')
    # And with the queue missing while they come due: the agent is away, the queue with it.
    for number in range(a.count):
        manager.send(f'p{number}', 'load.retry', {'delay': random.uniform(4, 6)})
    while sum(w == 'asked' for w, *_ in agent.effects()) < 2 * a.count: time.sleep(0.1)
    agent.stop()
    manager.channel.queue_delete(f'{QUEUE}_operation')
    time.sleep(8)
    agent = Agent(a.agent, broker, directory)
    got = manager.wait(2 * a.count, 90, stall=60)
    runs = collections.Counter(t for w, t, _ in agent.effects() if w == 'due')
    print(f'due while agent and queue were away: answered={got - a.count} lost={2 * a.count - len(runs)} twice={sum(v > 1 for v in runs.values())}')
    return agent.stop() == 0 and len(runs) == 2 * a.count and max(runs.values()) == 1


def cancelled(a, broker, directory):
    agent = Agent(a.agent, broker, directory)
    manager = Manager(broker)
    for number in range(100):
        manager.send(f'c{number}', 'load.retry', {'delay': 5}, execution='doomed' if number % 2 else 'other')
    while sum(w == 'asked' for w, *_ in agent.effects()) < 100: time.sleep(0.1)
    manager.send('cancel', None, key='service', raw=json.dumps({'service_task': {'task_name': 'cancel-operation', 'kwargs': {'execution_id': 'doomed'}}}))
    manager.wait(1, 10)
    agent.stop()
    agent = Agent(a.agent, broker, directory)
    manager.wait(51, 20, stall=12)
    runs = [t for w, t, _ in agent.effects() if w == 'due']
    doomed = [t for t in runs if int(t[1:]) % 2]
    print(f'parked, cancelled, agent restarted, due: {len(doomed)} of 50 cancelled ran, {len(runs) - len(doomed)} of 50 others ran, replies to cancelled={sum(manager.replies[f"c{n}"] for n in range(1, 100, 2))}')
    return agent.stop() == 0 and not doomed and len(runs) == 50


def restart(a, broker, directory):
    agent = Agent(a.agent, broker, directory, BENCH_PREFETCH='200')
    manager = Manager(broker)
    half = threading.Event()

    def send():
        for number in range(a.count):
            manager.send(f't{number}', 'load.append')
            if number == a.count // 3: half.set()
    sender = threading.Thread(target=send); sender.start()
    half.wait()
    broker.stop(); down = time.time()
    time.sleep(2)
    broker.start()
    print(f'broker was away for {time.time() - down:.1f} s')
    sender.join()
    got = manager.wait(a.count, 120, stall=40)
    time.sleep(2)
    runs = collections.Counter(t for w, t, _ in agent.effects() if w == 'run')
    print(f'tasks={a.count} answered={got} lost={a.count - got} runs per key: min={min(runs.values())} max={max(runs.values())} keys={len(runs)}; duplicate replies={sum(v - 1 for v in manager.replies.values())}')
    return agent.stop() == 0 and got == a.count and len(runs) == a.count and max(runs.values()) == 1


def blocked(a, broker, directory):
    agent = Agent(a.agent, broker, directory, BENCH_CONCURRENCY='4')
    manager = Manager(broker)
    for number in range(4): manager.send(f'b{number}', 'load.block', {'seconds': 8})
    while len(agent.effects()) < 4: time.sleep(0.05)
    pongs = []
    for number in range(50):
        began = time.time()
        manager.send(f'ping{number}', None, key='service', raw='{"service_task": {"task_name": "ping", "kwargs": {}}}')
        while not manager.replies[f'ping{number}']: time.sleep(0.0005)
        pongs.append((manager.times[f'ping{number}'] - began) * 1000)
    began = time.time()
    code = agent.stop(30)
    print(f'4 of 4 slots in sleep(8): pong p50={percentile(pongs, .5):.1f} ms max={max(pongs):.1f} ms; SIGTERM: exit {code} after {time.time() - began:.1f} s, answered={sum(manager.replies[f"b{n}"] for n in range(4))} of 4')
    return code == 0 and max(pongs) < 100


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent'); parser.add_argument('what', choices=['retries', 'queue-deleted', 'cancelled', 'restart', 'blocked'])
    parser.add_argument('--count', type=int); parser.add_argument('--min', type=float, default=2); parser.add_argument('--max', type=float, default=20)
    a = parser.parse_args()
    a.count = a.count or {'retries': 20000, 'queue-deleted': 1000, 'restart': 5000}.get(a.what, 0)
    with tempfile.TemporaryDirectory(prefix='operative-measure-') as directory:
        broker = Broker(f'{directory}/rabbitmq')
        try:
            ok = globals()[a.what.replace('-', '_')](a, broker, directory)
            if not ok: print(open(f'{directory}/agent.log').read()[-3000:], file=sys.stderr)
        finally:
            broker.stop()
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
