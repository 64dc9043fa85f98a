#!/usr/bin/env python3
"""Kills an agent again and again under load and counts what became of its tasks. Needs pika (scripts/python-env).

  torture.py AGENT [--seed N] [--minutes M] [--kills N] [--tasks N]

AGENT is a debug build of bench-agent: it dies at named failpoints when told to (see Sources/AgentRuntime/Failpoint.swift). Half of the deaths
are at failpoints, each in turn; the others are a SIGKILL at a random moment. Each operation appends its marks to a file with O_APPEND.
At the end:
  every task has exactly one final reply, after equal copies are dropped                      (lost, contradicting)
  no operation that is not resumable was started twice under one key                          (started twice)
  no key was started again after its final reply had come                                     (run again)
  every failpoint was hit
"""
import argparse, collections, json, os, random, signal, subprocess, sys, tempfile, threading, time, uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure

FAILPOINTS = ['arrived', 'slot-taken', 'started', 'ended', 'finished', 'flushed', 'replied', 'parked', 'settled', 'acknowledged', 'kept',
              'recovering', 'cancellation-recorded']


class Replies:
    """All replies to all tasks, with the time of the first."""

    def __init__(self, broker):
        self.broker, self.bodies, self.first, self.count = broker, collections.defaultdict(set), {}, 0
        self.stopping = False
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        while not self.stopping:
            try:
                channel = self.broker.connect().channel()
                for method, properties, payload in channel.consume('replies', inactivity_timeout=1):
                    if method:
                        self.bodies[properties.correlation_id].add(payload)
                        self.first.setdefault(properties.correlation_id, time.monotonic())
                        self.count += 1
                        channel.basic_ack(method.delivery_tag)
                    if self.stopping:
                        return
            except Exception:
                time.sleep(0.2)


class Sender:
    def __init__(self, broker, random, limit):
        self.broker, self.random, self.limit = broker, random, limit
        self.tasks, self.cancelled, self.running = {}, set(), True
        self.replies = 0
        channel = broker.connect().channel()
        channel.exchange_declare(measure.QUEUE, 'direct', durable=True)
        channel.queue_declare('replies', durable=True)
        channel.queue_bind('replies', measure.QUEUE, 'replies')
        for kind in ('operation', 'service'):
            channel.queue_declare(f'{measure.QUEUE}_{kind}', durable=True)
            channel.queue_bind(f'{measure.QUEUE}_{kind}', measure.QUEUE, kind)
        channel.confirm_delivery()
        self.channel, self.replies_seen = channel, None

    def run(self):
        while self.running and len(self.tasks) < self.limit:
            self.send()
            # About as many as the agent can serve, so that there is always something in its hands.
            backlog = len(self.tasks) - len(self.replies_seen.bodies)
            time.sleep(0.001 if backlog < 60 else 0.02)

    def send(self):
        task = str(uuid.UUID(int=self.random.getrandbits(128)))
        kind = self.random.random()
        resumable = self.random.random() < 0.5
        inputs = {'milliseconds': self.random.choice([0, 0, 1, 5, 20, 90, 300]), 'retries': self.random.choice([0, 0, 0, 1, 2]),
                  'delay': self.random.choice([0, 50, 400])}
        name = 'load.torture-resumable' if resumable else 'load.torture'
        self.tasks[task] = resumable
        execution = f'execution-{len(self.tasks)}'
        self.publish('operation', measure.body(task, name, inputs, execution=execution), task)
        if kind < 0.02:
            self.cancelled.add(task)
            service = json.dumps({'service_task': {'task_name': 'cancel-operation', 'kwargs': {'execution_id': execution}}})
            self.publish('service', service, None)

    def publish(self, key, payload, task):
        # The sender asks to hear of a cancellation, so that every task has an answer to count.
        headers = {'x-operative-answer-cancelled': True} if task else None
        properties = measure.pika.BasicProperties(delivery_mode=2, correlation_id=task, reply_to='replies' if task else None, headers=headers)
        self.channel.basic_publish(measure.QUEUE, key, payload, properties, mandatory=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('agent')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--kills', type=int, default=200, help='at least so many deaths, even when the minutes are over')
    parser.add_argument('--tasks', type=int, default=1_000_000)
    a = parser.parse_args()
    chance = random.Random(a.seed)
    print(f'seed {a.seed}', flush=True)
    with tempfile.TemporaryDirectory(prefix='operative-torture-') as directory:
        broker = measure.Broker(f'{directory}/broker')
        try:
            sys.exit(run(a, chance, broker, directory))
        finally:
            broker.stop()


def run(a, chance, broker, directory):
    sender = Sender(broker, random.Random(chance.random()), a.tasks)
    replies = Replies(broker)
    sender.replies_seen = replies
    sending = threading.Thread(target=sender.run, daemon=True)
    sending.start()
    hits, kills, end = collections.Counter(), 0, time.time() + a.minutes * 60
    while time.time() < end or kills < a.kills or any(not hits[point] for point in FAILPOINTS) and kills < 3 * a.kills:
        point = FAILPOINTS[kills // 2 % len(FAILPOINTS)] if kills % 2 == 0 else None
        count = 1 if point in ('recovering', 'cancellation-recorded') else chance.choice([1, 1, 2, 7, 30])
        variables = {'OPERATIVE_FAILPOINT': f'{point}@{count}'} if point else {}
        agent = measure.Agent(a.agent, broker, directory, BENCH_CONCURRENCY='8', **variables)
        limit = 6 if point else chance.uniform(0.3, 2.5)
        try:
            agent.process.wait(limit)
            if point and agent.process.returncode == -signal.SIGKILL:
                hits[point] += 1
            else:
                print(f'the agent ended by itself with {agent.process.returncode}', flush=True)
                return 1
        except subprocess.TimeoutExpired:
            agent.process.kill()
            agent.process.wait()
            hits['random'] += 1
        kills += 1
    sender.running = False
    sending.join()
    agent = measure.Agent(a.agent, broker, directory, BENCH_CONCURRENCY='8')
    seen, since = -1, time.time()
    while len(replies.bodies) < len(sender.tasks) and time.time() - since < 60:
        time.sleep(0.2)
        if len(replies.bodies) != seen:
            seen, since = len(replies.bodies), time.time()
    time.sleep(3)
    status = agent.stop()
    replies.stopping = True
    return report(sender, replies, agent.effects(), hits, kills, status)


def report(sender, replies, effects, hits, kills, status):
    starts = collections.defaultdict(list)
    for what, task, milliseconds in effects:
        if what.startswith('start/'):
            starts[task, what.split('/')[1]].append(int(milliseconds) / 1000)
    lost = [task for task in sender.tasks if task not in replies.bodies]
    contradicting = [task for task, bodies in replies.bodies.items() if len(bodies) > 1]
    twice = [key for key, times in starts.items() if len(times) > 1 and not sender.tasks.get(key[0], False)]
    resumed = sum(len(times) - 1 for key, times in starts.items() if sender.tasks.get(key[0], False))
    again = [key for key, times in starts.items() if key[0] in replies.first and max(times) > replies.first[key[0]] + 0.02]
    missing = [point for point in FAILPOINTS if not hits[point]]
    print('failpoints: ' + ', '.join(f'{point} {hits[point]}' for point in FAILPOINTS) + f', random {hits["random"]}')
    print(f'kills {kills}, tasks {len(sender.tasks)}, replies {replies.count}, equal copies {replies.count - sum(map(len, replies.bodies.values()))}, '
          f'cancelled {len(sender.cancelled)}, resumed starts {resumed}')
    print(f'lost {len(lost)}, contradicting replies {len(contradicting)}, started twice {len(twice)}, run again after the reply {len(again)}, '
          f'last exit {status}')
    for what, found in (('lost', lost), ('contradicting', contradicting), ('started twice', twice), ('run again', again)):
        for item in found[:5]:
            task = item if isinstance(item, str) else item[0]
            print(f'  {what}: {item} {[bytes(b)[:200] for b in replies.bodies.get(task, [])]} {[e for e in effects if e[1] == task]}')
    if missing:
        print(f'failpoints never hit: {", ".join(missing)}')
    return 1 if lost or contradicting or twice or again or missing or status else 0


if __name__ == '__main__':
    main()
