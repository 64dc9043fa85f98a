"""The sending side of a manager, made of the classes that cloudify-common gives it."""

import threading

from cloudify import amqp_client, utils
from cloudify.context import CloudifyContext
from cloudify.error_handling import deserialize_known_exception
from cloudify.logs import message_context_from_cloudify_context
from cloudify.state import current_workflow_ctx
from cloudify.workflows.workflow_context import RemoteContextHandler, _WorkflowContextBase

REPLY_TIMEOUT = 30

NODE = {'node_id': 'host_j77n63', 'node_name': 'host', 'host_id': 'host_j77n63'}
RELATIONSHIP = {
    'node_id': 'app_sx1zbp', 'node_name': 'app', 'host_id': 'host_j77n63',
    'related': {'node_id': 'db_7myr1g', 'node_name': 'db', 'is_target': True},
}


class _Handler(RemoteContextHandler):
    """Leaves out what the engine asks of the manager's REST service: its defaults, and a place for its own events."""

    @property
    def bootstrap_context(self):
        return {}

    def get_send_task_event_func(self, task):
        return lambda **event: None


class Workflow(_WorkflowContextBase):
    """One execution: the engine's context, which sends tasks through its TaskDispatcher."""

    def __init__(self, queue):
        super(Workflow, self).__init__({
            'execution_id': utils.uuid4(), 'workflow_id': 'install', 'execution_token': utils.uuid4(),
            'tenant': {'name': 'default_tenant'}, 'rest_host': ['127.0.0.1'], 'rest_port': 53333,
            'execution_creator_username': 'admin', 'task_retries': 0, 'task_retry_interval': 1,
        }, _Handler)
        self.queue = queue

    @property
    def reply_queue(self):
        return 'execution_responses_{0}'.format(self.execution_id)

    def _node_context(self, name, node, retry_number, max_retries):
        return dict(
            node, deployment_id='dep1', blueprint_id='bp1', deployment_display_name='Dep One', executor='host_agent',
            has_intrinsic_functions=False,
            plugin={'name': 'interop', 'package_name': 'interop', 'package_version': '1.0', 'properties': {}},
            operation={
                'name': 'cloudify.interfaces.' + name, 'retry_number': retry_number, 'max_retries': max_retries})

    def context(self, name, node=NODE, retry_number=0, max_retries=-1, timeout=None, timeout_recoverable=None):
        """The __cloudify_context of an operation, as the engine builds it."""
        with current_workflow_ctx.push(self):
            context = self._build_cloudify_context(
                utils.uuid4(), name, self._node_context(name, node, retry_number, max_retries),
                timeout, timeout_recoverable)
        context.update(task_queue=self.queue, task_target=self.queue)
        return context

    def send(self, name, inputs=None, node=NODE, max_retries=0, timeout=None, timeout_recoverable=None):
        """Send an operation through the dispatcher; the task that comes back knows its state and its result."""
        with current_workflow_ctx.push(self):
            return self.execute_task(
                name, local=False, task_queue=self.queue, task_target=self.queue, kwargs=inputs,
                node_context=self._node_context(name, node, 0, max_retries), total_retries=max_retries,
                retry_interval=1, timeout=timeout, timeout_recoverable=timeout_recoverable).task

    def close(self):
        """Leave without deleting the reply queue: replies that nobody waited for stay in it."""
        dispatcher = self.internal.handler._dispatcher
        for client, _ in dispatcher._clients.values():
            client.close()

    def cancel(self):
        """Ask the agent to cancel the execution, as the manager does: without a reply."""
        handler = amqp_client.SendHandler(self.queue, routing_key='service')
        client = amqp_client.get_client()
        client.add_handler(handler)
        with client:
            handler.publish({'service_task': {
                'task_name': 'cancel-operation', 'kwargs': {'execution_id': self.execution_id}}})


def result_of(task, follow_retries=False, timeout=REPLY_TIMEOUT):
    """Wait for a task as the engine does. An error comes back instead of being raised."""
    results = []

    def wait():
        try:
            results.append(task.async_result.get(retry_on_failure=follow_retries))
        except Exception as e:
            results.append(e)
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join(timeout)
    if not results:
        raise AssertionError('no reply within {0} s; the task is {1}'.format(timeout, task.get_state()))
    return results[0]


def message_context(context):
    """The context that cloudify-common's own loggers attach to the records of an operation."""
    return message_context_from_cloudify_context(CloudifyContext(context))


class _RecordingHandler(amqp_client.BlockingRequestResponseHandler):
    """Remembers with what the latest reply came."""

    def process(self, channel, method, properties, body):
        self.latest = method, properties
        super(_RecordingHandler, self).process(channel, method, properties, body)


class Requester(object):
    """Sends single messages and waits for each reply, with BlockingRequestResponseHandler."""

    def __init__(self, queue):
        self.queue = queue
        self._handler = _RecordingHandler(queue)
        self._client = amqp_client.get_client()
        self._client.add_handler(self._handler)

    def __enter__(self):
        self._client.consume_in_thread()
        return self

    def __exit__(self, *_):
        self._client.close()

    @property
    def latest(self):
        """Method and properties of the latest reply."""
        return self._handler.latest

    def operation(self, context, inputs=None):
        """The reply to an operation, as it is on the wire."""
        kwargs = dict(inputs or {}, __cloudify_context=context)
        return self._handler.publish(
            {'id': context['task_id'], 'cloudify_task': {'kwargs': kwargs}},
            correlation_id=context['task_id'], routing_key='operation', timeout=REPLY_TIMEOUT)

    def error(self, context, inputs=None):
        """The exception of an operation that fails, and its wire form."""
        reply = self.operation(context, inputs)
        assert reply['ok'] is False, reply
        wire = dict(reply['error'], known_exception_type_args=list(reply['error']['known_exception_type_args']))
        return deserialize_known_exception(reply['error']), wire

    def service(self, name, kwargs=None):
        """The reply to a service task."""
        return self._handler.publish(
            {'service_task': {'task_name': name, 'kwargs': kwargs or {}}}, routing_key='service',
            timeout=REPLY_TIMEOUT)
