#!/usr/bin/env python3
"""Runs a plugin from the package index, unmodified, by the agent's program. See scripts/published-plugin.

  published_plugin.py AGENT MANAGER [FOLDER]

FOLDER keeps the wagon. Fails when a reply, a runtime property or a log record is not as the plugin makes it.
"""
import glob
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import pika
import requests

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'Tests', 'InteropTests'))
import measure
from engine import places, records
from engine.management_worker import ManagementWorker

PACKAGE, VERSION = 'cloudify-aws-plugin', '3.1.7'
PLUGIN = {'name': 'aws', 'package_name': PACKAGE, 'package_version': VERSION, 'source': None}
BLOCK = '10.0.0.0/16'
PROPERTIES = {
    'use_external_resource': False, 'resource_id': '', 'tags': {}, 'resource_config': {'kwargs': {'CidrBlock': BLOCK}},
    'client_config': {'aws_access_key_id': 'id', 'aws_secret_access_key': 'key', 'region_name': 'eu-west-1'}}
TYPES = ['cloudify.nodes.Root', 'cloudify.nodes.aws.ec2.Vpc']


def pip(*arguments):
    subprocess.run([sys.executable, '-m', 'pip', '--disable-pip-version-check', '--quiet'] + list(arguments), check=True)


def make_wagon(folder):
    """As the publisher's documentation says: wheels of the package and of all that it needs, for this Python."""
    found = glob.glob(folder + '/*.wgn')
    if not found:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as directory:
            # Not by name: wagon asks pypi.org itself then, and there may only be an index for pip.
            pip('download', '--no-deps', '--no-binary', PACKAGE, '--no-build-isolation', '-d', directory,
                '{0}=={1}'.format(PACKAGE, VERSION))
            shutil.unpack_archive(glob.glob(directory + '/*.tar.gz')[0], directory + '/source')
            subprocess.run([sys.executable, '-m', 'wagon', 'create', glob.glob(directory + '/source/*')[0], '-o', folder],
                           check=True, stdout=subprocess.DEVNULL)
        found = glob.glob(folder + '/*.wgn')
        print('made {0} in {1:.0f} s'.format(os.path.basename(found[0]), time.monotonic() - begun))
    return found[0]


def have_plugin(manager, wagon):
    with open(wagon, 'rb') as file:
        requests.put('http://127.0.0.1:{0}/resources/plugins/published'.format(manager.port), data=file,
                     headers={'Authentication-Token': 'admin', 'Tenant': places.TENANT}).raise_for_status()
    manager.tell('plugin ' + json.dumps({
        'id': 'published', 'package_name': PACKAGE, 'package_version': VERSION, 'supported_platform': 'linux_x86_64',
        'supported_py_versions': ['py311'], 'archive_name': os.path.basename(wagon)}))


class Cloud(http.server.BaseHTTPRequestHandler):
    """As much of EC2 as a network needs to be made. It counts what it has made."""

    made = 0
    ANSWERS = {
        'CreateVpc': '<vpc><vpcId>vpc-{made}</vpcId><state>available</state><cidrBlock>' + BLOCK + '</cidrBlock></vpc>',
        'DescribeVpcs': '<vpcSet><item><vpcId>vpc-{made}</vpcId><state>available</state><cidrBlock>' + BLOCK
                        + '</cidrBlock></item></vpcSet>',
    }

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers['Content-Length'])).decode())
        action = form['Action'][0]
        assert 'AWS4-HMAC-SHA256' in self.headers['Authorization']
        if action == 'CreateVpc':
            Cloud.made += 1
        body = '<{0}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>{1}</{0}Response>'.format(
            action, self.ANSWERS.get(action, '<return>true</return>').format(made=Cloud.made)).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'text/xml')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Sender(object):
    """Sends to the agent as a manager does, and waits for each reply."""

    def __init__(self, worker, agent):
        self.worker, self.queue = worker, agent.queue
        broker = worker._broker
        self._connection = pika.BlockingConnection(pika.ConnectionParameters(
            broker.host, broker.port, broker.vhost, heartbeat=0))
        self._channel = self._connection.channel()
        self._channel.queue_declare('published_replies')
        self._channel.queue_bind('published_replies', self.queue, 'published_replies')

    def close(self):
        self._connection.close()

    def send(self, key, id, body, limit=600):
        begun = time.monotonic()
        self._channel.basic_publish(self.queue, key, json.dumps(body), pika.BasicProperties(
            delivery_mode=2, correlation_id=id, reply_to='published_replies'))
        for method, properties, reply in self._channel.consume('published_replies', inactivity_timeout=1):
            if method:
                self._channel.basic_ack(method.delivery_tag)
                if properties.correlation_id == id:
                    self._channel.cancel()
                    return json.loads(reply), time.monotonic() - begun
            if time.monotonic() - begun > limit:
                raise RuntimeError('no reply to ' + id)

    def service(self, name):
        manager = self.worker._manager
        return self.send('service', name, {'service_task': {'task_name': name, 'kwargs': {
            'plugin': PLUGIN, 'rest_token': 'admin', 'tenant': {'name': places.TENANT}, 'rest_host': ['127.0.0.1'],
            'rest_port': manager.port}}})

    def operation(self, id, function, instance, **inputs):
        client = self.worker.client
        execution = client._client.post('/executions', expected_status_code=201, data={
            'deployment_id': 'aws', 'workflow_id': 'execute_operation', 'parameters': {}})
        client.executions.update(execution['id'], 'started')
        token = execution['execution_token']
        context = {
            '__cloudify_context': '0.3', 'type': 'operation', 'task_id': id, 'task_name': function,
            'execution_id': execution['id'], 'workflow_id': 'execute_operation', 'tenant': {'name': places.TENANT},
            'timeout': None, 'node_id': instance, 'node_name': 'vpc', 'plugin': PLUGIN,
            'operation': {'name': 'tests.published', 'retry_number': 0, 'max_retries': 0},
            'has_intrinsic_functions': False, 'local': False, 'rest_token': token, 'execution_token': token,
            'rest_host': ['127.0.0.1'], 'rest_port': self.worker._manager.port, 'blueprint_id': 'bp1', 'deployment_id': 'aws'}
        reply, seconds = self.send('operation', id, {
            'id': id, 'cloudify_task': {'kwargs': dict(inputs, __cloudify_context=context)}})
        found = records.of(client, execution['id'], sort=None)
        logs = [(record['level'], record['message']) for record in found if record['type'] == 'cloudify_log']
        return reply, seconds, logs


def create_deployment(worker, count):
    worker._put('blueprints', 'bp1', {'visibility': 'tenant', 'tenant_name': places.TENANT})
    worker._put('deployments', 'aws', {'blueprint_id': 'bp1', 'scaling_groups': {}})
    worker.client.nodes.create_many('aws', [{
        'id': 'vpc', 'name': 'vpc', 'blueprint_id': 'bp1', 'type': TYPES[-1], 'type_hierarchy': TYPES, 'properties': PROPERTIES,
        'relationships': [], 'operations': {}, 'plugins': [], 'plugins_to_install': [], 'number_of_instances': count,
        'planned_number_of_instances': count, 'deploy_number_of_instances': count, 'min_number_of_instances': 0,
        'max_number_of_instances': -1}])
    names = ['vpc_{0}'.format(number) for number in range(count)]
    worker.client.node_instances.create_many('aws', [
        {'id': name, 'node_id': 'vpc', 'index': 1, 'host_id': None, 'relationships': [], 'runtime_properties': {}} for name in names])
    return names


def check(condition, *what):
    if not condition:
        raise SystemExit('published-plugin: not as expected: ' + ' '.join(str(part) for part in what))


def run(sender, worker, way, names):
    """Makes networks, as the lifecycle of a node does it, and tells how long each operation took."""
    for name in names:
        taken = []
        for function in ('prepare', 'create'):
            before = Cloud.made
            reply, seconds, logs = sender.operation(way + name + function, 'cloudify_aws.ec2.resources.vpc.' + function, name)
            taken.append('{0} {1:.2f} s'.format(function, seconds))
            check(reply == {'ok': True, 'result': None}, function, reply, logs)
            called = [text for level, text in logs if level == 'debug' and text.startswith('Calling EC2 Vpc method ')]
            check(called, function, logs)
        stored = worker.client.node_instances.get(name)['runtime_properties']
        check(Cloud.made == before + 1 and stored.get('aws_resource_id') == 'vpc-{0}'.format(Cloud.made), stored)
        check(stored['create_response']['CidrBlock'] == BLOCK, stored)
        print('{0}: {1}: {2}; {3} log records, the last "{4}"; {5}'.format(
            way, name, ', '.join(taken), len(logs), logs[-1][1].splitlines()[0], stored['aws_resource_id']))
    reply, seconds, logs = sender.operation(way + 'wrong', 'cloudify_aws.ec2.resources.vpc.create', names[0], aws_resource_id=5)
    error = reply.get('error') or {}
    print('{0}: with an input that is wrong: {1}'.format(way, error.get('message') or reply))
    check('cloudify_aws' in error['known_exception_type_kwargs']['causes'][-1]['traceback'], reply)


def main():
    agent_program, manager_program, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        kept = rest[0] if rest else directory + '/wagon'
        os.makedirs(kept, exist_ok=True)
        wagon = make_wagon(os.path.abspath(kept))
        node = measure.Broker(directory + '/rabbitmq')
        agents = []
        cloud = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Cloud)
        threading.Thread(target=cloud.serve_forever, daemon=True).start()
        try:
            broker = places.Broker('127.0.0.1', node.port, node.http_port, 'published')
            broker.make()
            with places.Manager(manager_program) as manager:
                worker = ManagementWorker(broker, manager)
                have_plugin(manager, wagon)
                names = create_deployment(worker, 5)
                # Nobody outside is asked.
                settings = {'AWS_ENDPOINT_URL': 'http://127.0.0.1:{0}'.format(cloud.server_port), 'AWS_MAX_ATTEMPTS': '1',
                            'OPERATIVE_PYTHON_INTERPRETER': sys.executable}
                plugins = directory + '/plugins'
                os.mkdir(plugins)
                for way, mine in (('cold', names[:2]), ('warm', names[2:])):
                    agent = places.Agent(agent_program, broker, settings=dict(settings, OPERATIVE_PYTHON_DISPATCHER=way))
                    agent._environment['CFY_PLUGINS_ROOT'] = plugins
                    agents.append(agent)
                    with agent:
                        sender = Sender(worker, agent)
                        if way == 'cold':
                            reply, seconds = sender.service('install-plugin')
                            print('install-plugin: {0} after {1:.1f} s; {2} packages'.format(json.dumps(reply), seconds, len(
                                glob.glob(plugins + '/plugins/*/*/*/lib/python*/site-packages/*.dist-info'))))
                            check(reply is None, reply, agent.log())
                        run(sender, worker, way, mine)
                        sender.close()
                    for line in agent.log().splitlines():
                        if 'Python process each' in line:
                            print('{0}: {1}'.format(way, line))
                worker.close()
        finally:
            for agent in agents:
                agent.remove()
            node.stop()
    print('published-plugin: ok')


if __name__ == '__main__':
    main()
