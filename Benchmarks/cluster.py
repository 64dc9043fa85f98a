#!/usr/bin/env python3
"""An agent before a cluster of three RabbitMQ nodes with quorum queues, while nodes and lines fail. Needs pika (scripts/python-env).

  cluster.py AGENT [--seed N] [--rounds 2]

To be run by scripts/cluster, in a network and process namespace of its own: all that it starts ends with it, and nothing of the machine's
network is touched. Each node and the agent have a network namespace, joined by a bridge. Every round, under load:
  leader     the node with the leader of the operation queue is killed, and started again later
  link       the line of the node that the agent consumes from is pulled out, and put back
  partition  that node is cut off from the other two, while the agent still reaches it (it pauses: pause_minority)
At the end every task has one reply, and no attempt was started twice.
"""
import argparse, base64, json, os, random, re, signal, subprocess, sys, tempfile, time, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load, measure
import pika

SERVER = os.environ.get('RABBITMQ_SERVER', '/usr/lib/rabbitmq/bin/rabbitmq-server')
NODES = (1, 2, 3)
AGENT = 9
FAULTS = ['leader', 'link', 'partition']
QUORUM = {'x-queue-type': 'quorum'}
OPERATION = dict(QUORUM, **{'x-single-active-consumer': True})


def address(number): return f'10.99.0.{number}'


def run(*command): subprocess.run(command, check=True)


class Place:
    """A network namespace with one line to the bridge. It goes with the process that holds it."""

    def __init__(self, number):
        self.number = number
        self.holder = subprocess.Popen(['unshare', '--net', 'sleep', 'infinity'])
        own = os.readlink('/proc/self/ns/net')
        while os.readlink(f'/proc/{self.holder.pid}/ns/net') == own: time.sleep(0.01)
        run('ip', 'link', 'add', f'line{number}', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', str(self.holder.pid))
        run('ip', 'link', 'set', f'line{number}', 'master', 'bridge', 'up')
        self.run('ip', 'link', 'set', 'lo', 'up')
        self.run('ip', 'addr', 'add', f'{address(number)}/24', 'dev', 'eth0')
        self.run('ip', 'link', 'set', 'eth0', 'up')

    def command(self, *command): return ['nsenter', '-t', str(self.holder.pid), '--net', *command]

    def run(self, *command): run(*self.command(*command))

    def plug(self, state): run('ip', 'link', 'set', f'line{self.number}', state)

    def divide(self, other, divided=True):
        """Frames to the other go to a card that nobody has: no error, no answer."""
        if divided: self.run('ip', 'neigh', 'replace', address(other), 'lladdr', '02:00:00:00:00:99', 'dev', 'eth0', 'nud', 'permanent')
        else: self.run('ip', 'neigh', 'del', address(other), 'dev', 'eth0')


class Node(Place):
    def __init__(self, number, directory):
        super().__init__(number)
        self.directory = f'{directory}/node{number}'
        os.makedirs(self.directory)
        with open(f'{self.directory}/rabbitmq.conf', 'w') as file:
            file.write('loopback_users = none\nnet_ticktime = 10\ncluster_partition_handling = pause_minority\n'
                       'disk_free_limit.absolute = 10MB\ncollect_statistics_interval = 1000\n'
                       'cluster_formation.peer_discovery_backend = classic_config\n')
            for peer in NODES: file.write(f'cluster_formation.classic_config.nodes.{peer} = rabbit@{address(peer)}\n')
        with open(f'{self.directory}/advanced.config', 'w') as file:
            # How long the broker waits before it hands on again what came due while a queue lost its leader; 3 minutes when nothing is said.
            file.write('[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 10000}]}].')
        with open(f'{self.directory}/plugins', 'w') as file: file.write('[rabbitmq_management].')
        self.environment = dict(
            os.environ, HOME=f'{directory}/home', RABBITMQ_USE_LONGNAME='true', RABBITMQ_NODENAME=f'rabbit@{address(number)}',
            RABBITMQ_CONF_ENV_FILE='/dev/null', RABBITMQ_CONFIG_FILE=f'{self.directory}/rabbitmq.conf',
            RABBITMQ_ADVANCED_CONFIG_FILE=f'{self.directory}/advanced.config', RABBITMQ_MNESIA_BASE=f'{self.directory}/mnesia',
            RABBITMQ_LOG_BASE=f'{self.directory}/log', RABBITMQ_PID_FILE=f'{self.directory}/pid',
            RABBITMQ_ENABLED_PLUGINS_FILE=f'{self.directory}/plugins',
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none')

    def start(self):
        with open(f'{self.directory}/console.log', 'a') as log:
            self.process = subprocess.Popen(self.command(SERVER), env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def kill(self):
        with open(f'{self.directory}/pid') as file: os.kill(int(file.read()), signal.SIGKILL)
        self.process.wait(30)

    def wait(self, limit=180):
        end = time.time() + limit
        while time.time() < end:
            try:
                connection(self.number).close()
                return
            except Exception: time.sleep(0.3)
        sys.exit(f'node {self.number} does not answer: ' + open(f'{self.directory}/console.log').read()[-2000:])


def connection(number):
    return pika.BlockingConnection(pika.ConnectionParameters(
        address(number), heartbeat=5, socket_timeout=3, blocked_connection_timeout=10, stack_timeout=8))


class Cluster:
    def __init__(self, directory):
        run('ip', 'link', 'set', 'lo', 'up')
        run('ip', 'link', 'add', 'bridge', 'type', 'bridge')
        run('ip', 'addr', 'add', f'{address(254)}/24', 'dev', 'bridge')
        run('ip', 'link', 'set', 'bridge', 'up')
        os.makedirs(f'{directory}/home')
        with open(os.open(f'{directory}/home/.erlang.cookie', os.O_CREAT | os.O_WRONLY, 0o400), 'w') as file:
            file.write(base64.b32encode(os.urandom(20)).decode())
        self.nodes = {number: Node(number, directory) for number in NODES}
        for node in self.nodes.values(): node.start()
        for node in self.nodes.values(): node.wait()
        end = time.time() + 120
        while len([n for n in self.ask('nodes') if n.get('running')]) < len(NODES):
            if time.time() > end: sys.exit('the nodes do not join')
            time.sleep(0.5)

    def connect(self):
        """To any node that answers."""
        failure = None
        for number in random.sample(NODES, len(NODES)):
            try: return connection(number)
            except Exception as error: failure = error
        raise failure

    def ask(self, what):
        """The management API of any node."""
        for number in NODES:
            request = urllib.request.Request(f'http://{address(number)}:15672/api/{what}')
            request.add_header('Authorization', 'Basic ' + base64.b64encode(b'guest:guest').decode())
            try: return json.load(urllib.request.urlopen(request, timeout=5))
            except Exception: continue
        return []

    def describe(self):
        """What the broker knows of the queues, for whoever has to find out why nothing goes on."""
        for queue in self.ask('queues'):
            print('  ', {key: queue.get(key) for key in ('name', 'leader', 'online', 'messages_ready', 'messages_unacknowledged', 'consumers')})
        for consumer in self.ask('consumers'):
            print('  ', consumer['queue']['name'], {key: consumer.get(key) for key in ('active', 'activity_status', 'channel_details')})

    def leader(self, queue, limit=60):
        end = time.time() + limit
        while time.time() < end:
            found = self.ask(f'queues/%2F/{queue}')
            if found and found.get('leader'): return self.nodes[int(found['leader'].rsplit('.', 1)[1])]
            time.sleep(0.5)
        sys.exit(f'{queue} has no leader')


class Agent(measure.Agent):
    def __init__(self, program, cluster, directory):
        self.place = Place(AGENT)
        environment = dict(
            BENCH_HOST=','.join(map(address, NODES)), BENCH_CONCURRENCY='8', OPERATIVE_QUEUE_TYPE='quorum',
            OPERATIVE_RETRY_QUEUE_TYPE='quorum', OPERATIVE_BROKER_HEARTBEAT='5s', OPERATIVE_LOG_LEVEL='info', BENCH_LOG_LEVEL='info')
        broker = type('Broker', (), {'port': 5672})
        super().__init__(self.place.command(program), broker, directory, **environment)

    def consumes_from(self, cluster, limit=60):
        """The node of the connection that consumes: as the agent's log says since the first reconnection, until then as the broker says."""
        end = time.time() + limit
        while time.time() < end:
            with open(self.log.name) as file:
                lines = [line for line in file if 'connection=consume' in line and ('Connected to' in line or 'lost' in line)]
            found = re.search(r'broker=10\.99\.0\.(\d)', lines[-1]) if lines else None
            if found: return cluster.nodes[int(found.group(1))]
            for known in [] if lines else cluster.ask('connections'):
                if 'consume' in known.get('client_properties', {}).get('connection_name', ''):
                    return cluster.nodes[int(known['node'].rsplit('.', 1)[1])]
            time.sleep(0.5)
        sys.exit('the agent consumes from no node')


def fault(name, cluster, agent, tasks):
    """Lets a fault happen and undoes it; says on which node."""
    if name == 'leader':
        node = cluster.leader(f'{measure.QUEUE}_operation')
        node.kill()
        outage = tasks.goes_on()
        node.start()
        node.wait()
    elif name == 'link':
        node = agent.consumes_from(cluster)
        node.plug('down')
        outage = tasks.goes_on()
        if outage is None: cluster.describe()
        node.plug('up')
    else:
        node = agent.consumes_from(cluster)
        others = [other for other in NODES if other != node.number]
        for other in others:
            node.divide(other)
            cluster.nodes[other].divide(node.number)
        # What is on its way is still served: the node finds out after its ticks.
        time.sleep(20)
        outage = tasks.goes_on()
        if outage is None: cluster.describe()
        for other in others:
            node.divide(other, False)
            cluster.nodes[other].divide(node.number, False)
        node.wait()
    back = tasks.goes_on()
    say = lambda seconds: 'NOT' if seconds is None else f'{seconds:.1f} s for'
    print(f'{name} (node {node.number}): {say(outage)} 50 tasks meanwhile, {say(back)} 50 tasks afterwards', flush=True)
    return outage is not None and back is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent')
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--rounds', type=int, default=2)
    parser.add_argument('--faults', nargs='+', default=FAULTS, choices=FAULTS)
    a = parser.parse_args()
    chance = random.Random(a.seed)
    print(f'seed {a.seed}', flush=True)
    with tempfile.TemporaryDirectory(prefix='operative-cluster-') as directory:
        began = time.time()
        cluster = Cluster(directory)
        print(f'three nodes after {time.time() - began:.0f} s', flush=True)
        tasks = load.Load(cluster.connect, chance, OPERATION, QUORUM)
        agent = Agent(a.agent, cluster, directory)
        ok = tasks.goes_on(60) is not None
        if not ok: print('the agent does not answer')
        for _ in range(a.rounds if ok else 0):
            for name in chance.sample(a.faults, len(a.faults)): ok &= fault(name, cluster, agent, tasks)
        # Longer than it takes the journal to miss an attempt that does not come back.
        tasks.finish(stall=480)
        status = agent.stop()
        ok &= tasks.verdict(agent.effects()) and status == 0
        print(f'last exit {status}', flush=True)
        if not ok or os.environ.get('SHOW_LOG'): print(open(f'{directory}/agent.log').read()[-6000:], file=sys.stderr)
        for node in cluster.nodes.values(): node.kill()
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
