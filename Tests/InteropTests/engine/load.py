"""Many operations at once, without an engine: the messages and the operation records are as the engine makes them."""
import collections
import json
import time
import uuid

import pika

from . import places, records


class Load(object):
    """Operations of one execution, sent to an agent directly.

    `replies` has, by task id, the replies; `seconds` the time from the first message to the last reply, `times` that of each operation.
    """

    def __init__(self, stage, workflow='execute_operation', plugin='shop'):
        self.stage, self.worker, self.plugin = stage, stage.worker, plugin
        self.execution = self.worker.client._client.post('/executions', expected_status_code=201, data={
            'deployment_id': 'dep1', 'workflow_id': workflow, 'parameters': {}})
        self.worker.client.executions.update(self.execution['id'], 'started')
        self.id = self.execution['id']
        broker = self.worker._broker
        self._connection = pika.BlockingConnection(pika.ConnectionParameters(
            broker.host, broker.port, broker.vhost, heartbeat=0))
        self._channel = self._connection.channel()
        self._queue = 'execution_responses_' + self.id
        self._channel.queue_declare(self._queue, durable=True)
        self._channel.queue_bind(self._queue, stage.agent.queue, self._queue)
        self.replies = collections.defaultdict(list)

    def _message(self, name, inputs, node):
        task, instance = str(uuid.uuid4()), self.stage.ids[node]
        token, port = self.execution['execution_token'], self.worker._manager.port
        context = {
            '__cloudify_context': '0.3', 'type': 'operation', 'task_id': task, 'task_name': name,
            'execution_id': self.id, 'workflow_id': 'execute_operation', 'tenant': {'name': places.TENANT},
            'timeout': None, 'timeout_recoverable': None, 'node_id': instance, 'node_name': node,
            'plugin': {'name': self.plugin, 'package_name': None, 'package_version': None, 'visibility': None,
                       'tenant_name': None, 'source': None, 'properties': {}},
            'operation': {'name': 'tests.load', 'retry_number': 0, 'max_retries': 60},
            'has_intrinsic_functions': False, 'host_id': self.stage.ids['host'], 'executor': 'host_agent',
            'local': False, 'rest_token': token, 'execution_token': token, 'rest_host': ['127.0.0.1'],
            'rest_port': port, 'bypass_maintenance': None, 'workflow_parameters': {},
            'execution_creator_username': 'admin', 'blueprint_id': 'bp1', 'deployment_id': 'dep1',
            'deployment_display_name': 'Dep One', 'deployment_creator': 'admin', 'deployment_resource_tags': {},
            'task_queue': self.stage.agent.queue, 'task_target': self.stage.agent.queue,
        }
        return task, {'id': task, 'cloudify_task': {'kwargs': dict(inputs, __cloudify_context=context)}}

    def run(self, count, name, inputs=None, node='app', outstanding=50, meanwhile=None, timeout=300):
        """Sends `count` operations, never more than `outstanding` without a reply; calls `meanwhile(replies)` now and then."""
        messages = [self._message(name, inputs or {}, node) for _ in range(count)]
        operations = [{
            'id': task, 'name': name, 'state': 'sent', 'type': 'RemoteWorkflowTask', 'dependencies': [],
            'parameters': {'current_retries': 0, 'total_retries': 60, 'send_task_events': True,
                           'task_kwargs': {'kwargs': message['cloudify_task']['kwargs']}},
        } for task, message in messages]
        self.worker.client.tasks_graphs.create(self.id, 'load', operations)
        self.tasks = [task for task, _ in messages]
        waiting = collections.deque(messages)
        self.wait_until, sent, begun = time.monotonic() + timeout, 0, time.monotonic()

        sent_at, self.times = {}, []

        def take(channel, method, properties, body):
            if properties.correlation_id not in self.replies:
                self.times.append(time.monotonic() - sent_at[properties.correlation_id])
            self.replies[properties.correlation_id].append(json.loads(body))
            channel.basic_ack(method.delivery_tag)

        self._channel.basic_qos(prefetch_count=100)
        consumer = self._channel.basic_consume(self._queue, take)
        while len(self.replies) < count:
            if time.monotonic() > self.wait_until:
                raise RuntimeError('{0} of {1} replies'.format(len(self.replies), count))
            while waiting and sent - len(self.replies) < outstanding:
                task, message = waiting.popleft()
                sent_at[task] = time.monotonic()
                self._channel.basic_publish(self.stage.agent.queue, 'operation', json.dumps(message),
                                            pika.BasicProperties(delivery_mode=2, reply_to=self._queue,
                                                                 correlation_id=task))
                sent += 1
            # Returns as soon as there is something; it is looked up then what may be sent.
            self._connection.process_data_events(0.02 if outstanding > 8 else 1)
            if meanwhile:
                meanwhile(len(self.replies))
        self.seconds = time.monotonic() - begun
        self._channel.basic_cancel(consumer)
        return self

    def failures(self):
        """Tasks without exactly one reply that says success."""
        return {task: self.replies.get(task) for task in self.tasks
                if [reply.get('ok') for reply in self.replies.get(task, [])] != [True]}

    def logs(self):
        """By task, its log records in the order of arrival: the operation's own, and what the agent says about them."""
        found = {task: [] for task in self.tasks}
        for record in records.of(self.worker.client, self.id, sort=None):
            task = (record['logger'] or '').partition('ctx.')[2]
            if record['type'] == 'cloudify_log' and task in found:
                found[task].append(record['message'])
        return found

    def incomplete_logs(self, wanted):
        """Tasks whose log records are not exactly `wanted`, in order."""
        return {task: found for task, found in self.logs().items() if found != wanted}

    def close(self):
        self._connection.close()
