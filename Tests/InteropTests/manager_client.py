#!/usr/bin/env python3
"""Drives an agent with the code that a Cloudify manager uses, cloudify-common, and checks what comes back.

Prints one JSON object per check (name, passed, detail) and exits with 1 when any has failed. The agent must offer the
operations of Tests/InteropTests/Agent.
"""

import argparse
import collections
import logging
import sys

from cloudify import amqp_client
from manager import broker, checks_reply, checks_requeue
from manager.workflow import Requester

Environment = collections.namedtuple('Environment', 'queue requester telemetry fixtures')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checks', choices=['reply', 'requeue'], help="the agent's retry.mode")
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=5672)
    parser.add_argument('--vhost', default='/')
    parser.add_argument('--username', default='guest')
    parser.add_argument('--password', default='guest')
    parser.add_argument('--queue', required=True, help="the agent's queue name")
    parser.add_argument('--fixtures', required=True, help='the folder with the captured logs_events/*.json')
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    logging.getLogger('pika').setLevel(logging.CRITICAL)

    broker.configure(
        arguments.host, arguments.port, arguments.vhost, arguments.username, arguments.password)
    telemetry = broker.Telemetry()
    listener = amqp_client.get_client()
    listener.add_handler(telemetry)
    with listener, Requester(arguments.queue) as requester:
        environment = Environment(arguments.queue, requester, telemetry, arguments.fixtures)
        checks = {'reply': checks_reply, 'requeue': checks_requeue}[arguments.checks].check
        passed = checks.run(environment)
    return 0 if passed else 1


if __name__ == '__main__':
    sys.exit(main())
