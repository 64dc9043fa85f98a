"""A sender and a collector that go on over every fault of the broker, and the count of what became of the tasks. Needs pika."""
import collections, json, os, sys, threading, time, uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure
import pika


class Load:
    """Sends tasks until told to stop, each until the broker has confirmed it, and collects the replies.

    `connect` makes a new connection to the broker and may fail; `arguments` are those of the agent's queues and of the reply queue.
    """

    def __init__(self, connect, chance, operation_arguments=None, arguments=None, pace=0.025, ahead=5000):
        self.connect, self.chance, self.pace, self.ahead = connect, chance, pace, ahead
        self.operation_arguments, self.arguments = operation_arguments, arguments
        self.tasks, self.delays, self.bodies, self.first = {}, {}, collections.defaultdict(set), {}
        self.count, self.resent, self.sending, self.collecting = 0, 0, True, True
        self.turn, self.is_paused = threading.Lock(), False
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.send_all, self.collect)]
        for thread in self.threads: thread.start()

    def open(self):
        channel = self.connect().channel()
        channel.exchange_declare(measure.QUEUE, 'direct', durable=True)
        for name, key, arguments in ((f'{measure.QUEUE}_operation', 'operation', self.operation_arguments),
                                     (f'{measure.QUEUE}_service', 'service', self.arguments), ('replies', 'replies', self.arguments)):
            channel.queue_declare(name, durable=True, arguments=arguments)
            channel.queue_bind(name, measure.QUEUE, key)
        return channel

    def send_all(self):
        while self.sending:
            if len(self.tasks) - len(self.bodies) < self.ahead:
                with self.turn: self.submit(*self.task())
            # Well below what the agent can serve: what is left undone then waits for something else than a slot.
            time.sleep(self.pace)

    def pause(self):
        """Sends nothing by itself until `resume`."""
        self.turn.acquire()
        self.is_paused = True

    def resume(self):
        self.is_paused = False
        self.turn.release()

    def task(self, **inputs):
        task = str(uuid.UUID(int=self.chance.getrandbits(128)))
        resumable = self.chance.random() < 0.5
        chosen = {'milliseconds': self.chance.choice([0, 0, 1, 5, 20, 90, 300]), 'retries': self.chance.choice([0, 0, 0, 1, 2]),
                  'delay': self.chance.choice([0, 50, 400, 3000])}
        return task, 'load.torture-resumable' if resumable else 'load.torture', dict(chosen, **inputs)

    def send(self, *task):
        """From another thread."""
        if self.is_paused: return self.submit(*task)
        with self.turn: self.submit(*task)

    def submit(self, task, name, inputs):
        """Until it is confirmed: a copy of a task that the broker has taken after all is for the agent to recognise."""
        self.tasks[task] = name.endswith('resumable')
        self.delays[task] = inputs['delay'] / 1000
        attempts = 0
        while self.sending or attempts:
            try:
                if not getattr(self, 'channel', None):
                    self.channel = self.open()
                    self.channel.confirm_delivery()
                properties = pika.BasicProperties(delivery_mode=2, correlation_id=task, reply_to='replies')
                self.channel.basic_publish(measure.QUEUE, 'operation', measure.body(task, name, inputs), properties, mandatory=True)
                self.resent += attempts > 0
                return
            except Exception:
                attempts += 1
                self.channel = None
                time.sleep(0.3)

    def collect(self):
        while self.collecting:
            try:
                channel = self.open()
                channel.basic_qos(prefetch_count=200)
                for method, properties, payload in channel.consume('replies', inactivity_timeout=1):
                    if method:
                        self.bodies[properties.correlation_id].add(payload)
                        self.first.setdefault(properties.correlation_id, time.monotonic())
                        self.count += 1
                        channel.basic_ack(method.delivery_tag)
                    if not self.collecting: return
            except Exception:
                time.sleep(0.3)

    def goes_on(self, limit=90, count=50):
        """How many seconds until `count` further tasks have their reply; None when that is not within the limit."""
        before, began = len(self.bodies), time.time()
        while time.time() - began < limit:
            if len(self.bodies) >= before + count: return time.time() - began
            time.sleep(0.1)
        return None

    def finish(self, stall=90):
        """Sends no more and waits for the replies, as long as some come."""
        self.sending = False
        self.threads[0].join(60)
        seen, since = -1, time.time()
        while len(self.bodies) < len(self.tasks) and time.time() - since < stall:
            time.sleep(0.2)
            if len(self.bodies) != seen: seen, since = len(self.bodies), time.time()
        # A second answer would come now.
        time.sleep(5)
        self.collecting = False
        self.threads[1].join(10)

    def verdict(self, effects, deaths=0, may_be_early=False):
        """Prints what became of the tasks. Only deaths of the agent let a resumable operation start twice."""
        starts, ends = collections.defaultdict(list), {}
        for what, task, milliseconds in effects:
            if what.startswith('start/'): starts[task, what.split('/')[1]].append(int(milliseconds) / 1000)
            if what.startswith('end/'): ends[task, int(what.split('/')[1])] = int(milliseconds) / 1000
        lost = [task for task in self.tasks if task not in self.bodies]
        contradicting = [task for task, bodies in self.bodies.items() if len(bodies) > 1]
        failed = [task for task, bodies in self.bodies.items() if any(not json.loads(body).get('ok') for body in bodies)]
        twice = [key for key, times in starts.items() if len(times) > 1 and not (deaths and self.tasks.get(key[0]))]
        print(f'tasks {len(self.tasks)} (sent again because unconfirmed {self.resent}), replies {self.count}, '
              f'equal copies {self.count - sum(map(len, self.bodies.values()))}, attempts {len(starts)}')
        waits = [min(times) - ends[task, int(retry) - 1] - self.delays.get(task, 0)
                 for (task, retry), times in starts.items() if (task, int(retry) - 1) in ends]
        print(f'retries {len(waits)}: earliest {min(waits, default=0) * 1000:.0f} ms after it was due, latest {max(waits, default=0):.1f} s, '
              f'{sum(wait > 60 for wait in waits)} of them later than 60 s')
        early = [] if may_be_early else [wait for wait in waits if wait < -0.005]
        print(f'early {len(early)}, lost {len(lost)}, contradicting replies {len(contradicting)}, failed {len(failed)}, run twice {len(twice)}', flush=True)
        for what, found in (('lost', lost), ('contradicting', contradicting), ('failed', failed), ('run twice', twice)):
            for item in found[:5]:
                task = item if isinstance(item, str) else item[0]
                print(f'  {what}: {item} {[bytes(body)[:200] for body in self.bodies.get(task, [])]} {[e for e in effects if e[1] == task]}')
        return not (early or lost or contradicting or twice or failed and not deaths)
