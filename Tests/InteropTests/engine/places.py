"""The processes around a workflow: the manager for tests, and an agent in the place of a Cloudify agent."""
import json
import os
import subprocess
import tempfile
import time
import urllib.parse

import requests

TENANT = 'default_tenant'


class Broker(object):
    """A virtual host, in which `guest` may do everything."""

    def __init__(self, host, port, http_port, vhost):
        self.host, self.port, self.vhost = host, port, vhost
        self._api = 'http://{0}:{1}/api/'.format(host, http_port)

    def call(self, method, *path, **body):
        path = '/'.join(urllib.parse.quote(part, safe='') for part in path)
        response = requests.request(method, self._api + path, auth=('guest', 'guest'), json=body, timeout=30)
        response.raise_for_status()
        return response.json() if response.content else None

    def make(self):
        self.call('PUT', 'vhosts', self.vhost)
        self.permit('guest', '.*')

    def permit(self, user, names):
        self.call('PUT', 'permissions', self.vhost, user, configure=names, write=names, read=names)

    def make_agent_user(self, queue):
        """To the letter what a manager permits its agent (Cloudify agent protocol, 1.1)."""
        user = 'rabbitmq_user_{0}_{1}'.format(queue, self.vhost)
        self.call('PUT', 'users', user, password='secret', tags='')
        self.permit(user, '^(cloudify-(events-topic|logs|monitoring)|{0}($|_(operation|workflow|service|response_.*))$)'
                    .format(queue))
        return user


class Manager(object):
    """The program `manager-test-server`."""

    def __init__(self, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        self.port = json.loads(self._process.stdout.readline())['port']

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def tell(self, command):
        self._process.stdin.write(command + '\n')
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Agent(object):
    """`operative worker` with what a manager puts on a machine for it: files, the service's environment, a user."""

    def __init__(self, program, broker, queue='host_agent1', workers=5, settings=None):
        self.program, self.queue, self.settings = program, queue, settings or {}
        self._folder = tempfile.TemporaryDirectory(prefix='engine-agent-')
        self.directory = self._folder.name
        for name in ('work', 'storage', 'log'):
            os.mkdir(self.path(name))
        with open(self.path('rest.pem'), 'w'):
            pass
        with open(self.path('work', 'broker_config.json'), 'w') as file:
            json.dump({
                'broker_ssl_enabled': False, 'broker_cert_path': '', 'broker_username': broker.make_agent_user(queue),
                'broker_password': 'secret', 'broker_hostname': [broker.host], 'broker_vhost': broker.vhost,
                'broker_port': broker.port,
            }, file)
        self._environment = dict(
            os.environ, AGENT_WORK_DIR=self.path('work'), AGENT_LOG_DIR=self.path('log'), AGENT_LOG_LEVEL='INFO',
            AGENT_LOG_MAX_BYTES='5242880', AGENT_LOG_MAX_HISTORY='7', LOCAL_REST_CERT_FILE=self.path('rest.pem'),
            AGENT_NAME=queue, CLOUDIFY_DAEMON_USER='root', CLOUDIFY_DAEMON_STORAGE_DIRECTORY=self.path('storage'),
            CFY_PLUGINS_ROOT=self.path('plugins'), REST_PROTOCOL='http', **self.settings)
        self._arguments = [program, 'worker', '--queue', queue, '--max-workers', str(workers), '--name', queue]

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def __enter__(self):
        self._output = open(self.path('output'), 'w')
        self._process = subprocess.Popen(
            self._arguments, env=self._environment, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output)
        self.pid = self._process.pid
        self.until(lambda status: status['state'] == 'ready')
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self.exit_code = self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._output.close()

    def log(self):
        with open(self.path('output')) as file:
            return file.read()

    def remove(self):
        self._folder.cleanup()

    def status(self):
        """What `status` says; None while there is no answer."""
        result = subprocess.run(
            [self.program, 'status', '--json', '--state-directory', self.path('work', 'operative')],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return json.loads(result.stdout) if result.returncode == 0 and result.stdout else None

    def until(self, wanted, timeout=60):
        deadline = time.monotonic() + timeout
        while True:
            status = self.status()
            if status and wanted(status):
                return status
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError('the agent does not come to what is waited for; status: {0}\n{1}'.format(
                    status, self.log()))
            time.sleep(0.1)

    def cpu_seconds(self):
        with open('/proc/{0}/stat'.format(self.pid)) as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
