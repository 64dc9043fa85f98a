"""Where the broker is, and what a manager reads from it besides replies."""

import collections
import json
import threading
import time

import pika
from cloudify import amqp_client, broker_config, utils
from cloudify.constants import EVENTS_EXCHANGE_NAME, LOGS_EXCHANGE_NAME
from cloudify_rest_client.tenants import Tenant


def configure(host, port, vhost, username, password):
    """Point cloudify-common at the broker. The only place where its own code is replaced."""
    broker_config.broker_hostname = host
    broker_config.broker_vhost = vhost
    broker_config.broker_username = username
    broker_config.broker_password = password
    # The port is a property without a setter, made of broker_ssl_enabled: 5672 or 5671.
    type(broker_config).broker_port = property(lambda self: port)
    # The dispatcher asks the manager's REST service for the tenant's virtual host and user.
    tenant = Tenant({
        'name': 'default_tenant',
        'rabbitmq_vhost': vhost,
        'rabbitmq_username': username,
        'rabbitmq_password': password,
    })
    utils.get_tenant = lambda: tenant


def queue_state(name):
    """(messages, consumers) of a queue; None when it does not exist."""
    connection = pika.BlockingConnection(amqp_client.AMQPParams().as_pika_params())
    try:
        method = connection.channel().queue_declare(name, passive=True).method
        return method.message_count, method.consumer_count
    except pika.exceptions.ChannelClosedByBroker as e:
        if e.reply_code != 404:
            raise
        return None
    finally:
        if connection.is_open:
            connection.close()


Received = collections.namedtuple('Received', 'exchange properties record')


class Telemetry(object):
    """A handler for AMQPConnection that collects log records and events, as managers up to 5.x did."""

    def __init__(self):
        self._received = []
        self._changed = threading.Condition(threading.RLock())

    def register(self, connection, channel):
        for exchange, kind, key in (
            (LOGS_EXCHANGE_NAME, 'fanout', ''),
            (EVENTS_EXCHANGE_NAME, 'topic', 'events.#'),
        ):
            channel.exchange_declare(exchange, exchange_type=kind, durable=True)
            queue = channel.queue_declare('', exclusive=True).method.queue
            channel.queue_bind(queue, exchange, routing_key=key)
            channel.basic_consume(queue, self._process, auto_ack=True)

    def _process(self, channel, method, properties, body):
        received = Received(method.exchange, properties, json.loads(body.decode('utf-8')))
        with self._changed:
            self._received.append(received)
            self._changed.notify_all()

    def of(self, task_id=None, execution_id=None, kind=None):
        """What has arrived of a task or execution, in order; `kind` is an event type, or 'log'."""
        def matches(received):
            context = received.record['context']
            return (
                (task_id is None or context['task_id'] == task_id) and
                (execution_id is None or context['execution_id'] == execution_id) and
                (kind is None or received.record.get('event_type', 'log') == kind))
        with self._changed:
            return [r for r in self._received if matches(r)]

    def wait(self, count=1, timeout=20, **criteria):
        """As `of`, once there are at least `count`."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while len(self.of(**criteria)) < count:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise AssertionError('{0} of {1} records arrived of {2}; all: {3}'.format(
                        len(self.of(**criteria)), count, criteria, [r.record for r in self._received]))
                self._changed.wait(remaining)
            return self.of(**criteria)
