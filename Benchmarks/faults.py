#!/usr/bin/env python3
"""One fault of the broker, or of the agent's clock, after the other, under load. Needs pika (scripts/python-env).

  faults.py AGENT [FAULT...] [--seed N]

  restart            the broker is stopped and started
  killed             SIGKILL
  frozen             SIGSTOP for 60 s
  memory-alarm       the broker takes no messages for 20 s
  connections        the broker closes the agent's connections, three times
  queue-deleted      the agent's operation queue, with what is in it, once no task is on its way
  exchange-deleted   the agent's exchange, its return exchange and a delay queue's, while attempts are parked
  consumer-timeout   an operation of 60 s with a consumer_timeout of 5 s
  clock-forward, clock-back   the agent's clock on the wall is set by an hour, while attempts are parked and an operation runs
  broker-clock-forward, broker-clock-back   the same with the broker's clock: attempts come early or late

At the end of each every task has one reply, no attempt was started twice, and none came early.
"""
import argparse, base64, json, os, random, signal, struct, subprocess, sys, tempfile, time, urllib.parse, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load, measure

FAULTS = ['restart', 'killed', 'frozen', 'memory-alarm', 'connections', 'queue-deleted', 'exchange-deleted', 'consumer-timeout',
          'clock-forward', 'clock-back', 'broker-clock-forward', 'broker-clock-back']
# The broker drops attempts that come due while their way back is gone, and keeps those that it takes for younger than they are.
LATE = ['exchange-deleted', 'broker-clock-back']


class Clock:
    """A clock on the wall for one process, see wallclock.c."""

    def __init__(self, directory):
        library, self.file = f'{directory}/wallclock.so', f'{directory}/wallclock'
        subprocess.run(['cc', '-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', library, f'{measure.ROOT}/Benchmarks/wallclock.c'], check=True)
        with open(self.file, 'wb') as file: file.write(struct.pack('=q', 0))
        self.environment = dict(LD_PRELOAD=library, WALLCLOCK_FILE=self.file)

    def set(self, seconds):
        with open(self.file, 'r+b') as file: file.write(struct.pack('=q', seconds))


class Broker(measure.Broker):
    def __init__(self, directory, environment=None, configuration=None):
        self.environment, self.options = environment, []
        if configuration:
            with open(f'{directory}.conf', 'w') as file: file.write(configuration)
            self.options = ['--config', f'{directory}.conf']
        super().__init__(directory)

    def start(self):
        before = dict(os.environ)
        os.environ.update(self.environment or {})
        try: ports = self.run('start', *self.options)
        finally:
            os.environ.clear()
            os.environ.update(before)
        ports = dict(line.split('=', 1) for line in ports.split() if '=' in line)
        self.port, self.http, self.pid = int(ports['AMQP_PORT']), int(ports['HTTP_PORT']), int(ports['PID'])

    def run(self, what, *more):
        return subprocess.run([f'{measure.ROOT}/scripts/rabbitmq-node', what, self.directory, *more], check=True, capture_output=True, text=True).stdout

    def call(self, method, what):
        request = urllib.request.Request(f'http://127.0.0.1:{self.http}/api/{what}', method=method)
        request.add_header('Authorization', 'Basic ' + base64.b64encode(b'guest:guest').decode())
        with urllib.request.urlopen(request, timeout=10) as answer: text = answer.read()
        return json.loads(text) if text else None

    def close_connections(self, of):
        found = [known['name'] for known in self.call('GET', 'connections') if of in known['client_properties'].get('connection_name', '')]
        for name in found: self.call('DELETE', 'connections/' + urllib.parse.quote(name, safe=''))
        return len(found)


def settled(tasks, limit=60):
    """Sends nothing meanwhile, until no task is on its way."""
    tasks.pause()
    end = time.time() + limit
    while len(tasks.bodies) < len(tasks.tasks) and time.time() < end: time.sleep(0.1)


def fault(name, broker, tasks, clock, agent):
    if name == 'restart':
        broker.stop()
        time.sleep(5)
        broker.start()
    elif name == 'killed':
        os.kill(broker.pid, signal.SIGKILL)
        broker.stop()
        broker.start()
    elif name == 'frozen':
        os.kill(broker.pid, signal.SIGSTOP)
        time.sleep(60)
        os.kill(broker.pid, signal.SIGCONT)
    elif name == 'memory-alarm':
        broker.run('ctl', 'set_vm_memory_high_watermark', 'absolute', '1MB')
        time.sleep(20)
        broker.run('ctl', 'set_vm_memory_high_watermark', '0.6')
    elif name == 'connections':
        for _ in range(3):
            closed = 0
            while not closed: closed = broker.close_connections('operative bench'); time.sleep(1)
            if tasks.goes_on() is None: return False
    elif name == 'queue-deleted':
        # What is in a queue goes with it: nothing may be, but the attempts that are parked elsewhere.
        settled(tasks)
        for number in range(20): tasks.send(*tasks.task(delay=5000, retries=1))
        time.sleep(2)
        broker.call('DELETE', f'queues/%2F/{measure.QUEUE}_operation')
        time.sleep(5)
        tasks.resume()
    elif name == 'exchange-deleted':
        settled(tasks)
        for number in range(20): tasks.send(*tasks.task(delay=5000, retries=1))
        time.sleep(2)
        for exchange in [known['name'] for known in broker.call('GET', 'exchanges/%2F') if known['name'] == measure.QUEUE or known['name'].startswith('operative.retry.')]:
            if not exchange.endswith('unroutable'): broker.call('DELETE', f'exchanges/%2F/{exchange}')
        # The agent looks every 30 s. What others had bound is theirs to bind again.
        time.sleep(40)
        tasks.connect().channel().queue_bind('replies', measure.QUEUE, 'replies')
        tasks.resume()
    elif name == 'consumer-timeout':
        tasks.send(*tasks.task(delay=0, retries=0, milliseconds=60_000))
        time.sleep(62)
    else:
        # One attempt of each length is parked, and one operation runs, when the clock is set.
        for delay in (2_000, 20_000, 70_000): tasks.send(*tasks.task(delay=delay, retries=1))
        tasks.send(*tasks.task(delay=0, retries=0, milliseconds=15_000))
        time.sleep(1)
        clock.set(3600 if name.endswith('forward') else -3600)
        time.sleep(80)
    # Behind a broker whose clock was set back every attempt is late, and replies are few.
    return tasks.goes_on(count=10 if name.startswith('broker') else 50) is not None


def run(name, program, seed):
    chance = random.Random(f'{seed}{name}')
    with tempfile.TemporaryDirectory(prefix='operative-faults-') as directory:
        clock = Clock(directory) if 'clock' in name else None
        broker = Broker(f'{directory}/broker', clock.environment if clock and name.startswith('broker') else None,
                        'consumer_timeout = 5000\n' if name == 'consumer-timeout' else None)
        try:
            tasks = load.Load(broker.connect, chance)
            agent = measure.Agent(program, broker, directory, BENCH_CONCURRENCY='8', OPERATIVE_BROKER_HEARTBEAT='5s', BENCH_LOG_LEVEL='info',
                                  **(clock.environment if clock and not name.startswith('broker') else {}))
            ok = tasks.goes_on(60) is not None and fault(name, broker, tasks, clock, agent)
            # Five minutes after it was due the journal misses an attempt.
            tasks.finish(stall=480 if name in LATE else 60)
            status = agent.stop()
            ok &= tasks.verdict(agent.effects(), may_be_early=name.startswith('broker')) and status == 0
            log = open(f'{directory}/agent.log').read()
            if name == 'consumer-timeout' and 'The broker closed a channel' in log:
                print('the broker closed a channel')
                ok = False
            if not ok: print(f'last exit {status}\n{log[-4000:]}', file=sys.stderr)
            return ok
        finally:
            broker.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent')
    parser.add_argument('faults', nargs='*', metavar='FAULT')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    a = parser.parse_args()
    unknown = [name for name in a.faults if name not in FAULTS]
    if unknown: parser.error(f'no such fault: {", ".join(unknown)}; there are {", ".join(FAULTS)}')
    print(f'seed {a.seed}', flush=True)
    ok = True
    for name in a.faults or FAULTS:
        print(f'== {name}', flush=True)
        ok &= run(name, a.agent, a.seed)
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
