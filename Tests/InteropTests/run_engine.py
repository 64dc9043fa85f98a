#!/usr/bin/env python3
"""Runs workflows with the engine of cloudify-common against `operative worker`, with the manager for tests between them.

Prints one JSON object with what was found, and writes what `cfy events list` would print to --transcript.
"""

import argparse
import collections
import json
import os
import sys
import time

import pika
from cloudify import amqp_client
from engine import graph, places, records
from engine.load import Load
from engine.management_worker import ManagementWorker

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'engine')


class Stage(object):
    """A deployment, and what is written about it."""

    def __init__(self, worker, agent, transcript):
        self.worker, self.agent, self.transcript = worker, agent, transcript
        self.ids = worker.create_deployment('dep1', os.path.join(HERE, 'blueprint.yaml'), agent.queue)

    def start(self, name, **parameters):
        return self.worker.start('dep1', name, **parameters)

    def start_operation(self, operation, node, **inputs):
        return self.start(
            'execute_operation', operation=operation, operation_kwargs=inputs, allow_kwargs_override=True,
            run_by_dependency_order=False, type_names=[], node_ids=[node], node_instance_ids=[])

    def finish(self, workflow, expected=None):
        """Waits for a workflow and collects everything about it."""
        output = workflow.wait()
        client = self.worker.client
        execution = client.executions.get(workflow.id)
        found = records.of(client, workflow.id)
        operations = records.operations(client, workflow.id)
        print('\n$ cfy executions start {0} -d dep1   # {1}\n'.format(execution['workflow_id'], execution['status']),
              file=self.transcript)
        for record in found:
            print(records.line(record), file=self.transcript)
        return {
            'id': workflow.id, 'status': execution['status'], 'error': execution.get('error'), 'output': output,
            'engine_log': workflow.log, 'operations': operations,
            'records': [dict(record) for record in found],
            'instances': {
                instance['node_id']: {'state': instance['state'], 'runtime_properties': instance['runtime_properties']}
                for instance in client.node_instances.list(deployment_id='dep1')},
            'differences': expected and graph.differences(os.path.join(HERE, expected), operations, found),
            'replies_left': self.replies_left(workflow),
        }

    def until(self, is_so, timeout=60):
        deadline = time.monotonic() + timeout
        while not is_so():
            if time.monotonic() > deadline:
                return
            time.sleep(0.05)

    def replies_left(self, workflow):
        """Messages in the reply queue; None when the engine has deleted it."""
        connection = pika.BlockingConnection(amqp_client.AMQPParams().as_pika_params())
        try:
            queue = 'execution_responses_' + workflow.id
            return connection.channel().queue_declare(queue, passive=True).method.message_count
        except pika.exceptions.ChannelClosedByBroker as error:
            if error.reply_code != 404:
                raise
            return None
        finally:
            if connection.is_open:
                connection.close()


def lifecycle(stage):
    """install, uninstall."""
    return {
        'install': stage.finish(stage.start('install'), 'graph_install.json'),
        'uninstall': stage.finish(stage.start('uninstall', ignore_failure=False), 'graph_uninstall.json'),
    }


def cancel(stage):
    """One execution is killed and one cancelled while a third goes on."""
    worker, agent = stage.worker, stage.agent
    killed, cancelled = (stage.start_operation('tests.forever', 'app') for _ in range(2))
    other = stage.start_operation('tests.write', 'db', lines=80, pause=50)
    for workflow in (killed, cancelled, other):
        stage.until(lambda: [operation['state'] for operation in records.operations(worker.client, workflow.id)] == ['started'])
    found = {'agents_told': sorted(worker.kill(killed))}
    worker.cancel(cancelled)
    found['killed'] = stage.finish(killed)
    found['cancelled'] = stage.finish(cancelled)
    # An engine leaves what runs alone when it is cancelled. The manager then ends it.
    worker.send_service_task(agent.queue, 'cancel-operation', execution_id=cancelled.id)
    found['other'] = stage.finish(other)
    agent.until(lambda status: status['tasks']['running'] == 0)
    found['afterwards'] = stage.finish(stage.start_operation('tests.nothing', 'app'))
    # The agent has answered all there is to answer.
    for name, workflow in (('killed', killed), ('cancelled', cancelled)):
        found[name]['replies_left'] = stage.replies_left(workflow)
        found[name]['operations'] = records.operations(worker.client, workflow.id)
    return found


def outage(stage):
    """The manager is away in the middle of many operations."""
    count, lines, away = (int(os.environ.get('OUTAGE_' + name, default)) for name, default in (
        ('OPERATIONS', 200), ('LINES', 10), ('SECONDS', 10)))
    manager, outage = stage.worker._manager, {}

    def meanwhile(replies):
        if 'began' not in outage and replies >= count // 4:
            manager.tell('down')
            outage.update(began=time.monotonic(), replies_before=replies)
        if 'began' in outage and 'seconds' not in outage and time.monotonic() > outage['began'] + away:
            outage.update(replies_during=replies - outage['replies_before'], seconds=time.monotonic() - outage['began'])
            manager.tell('up')

    load = Load(stage).run(
        count, 'shop.write', {'lines': lines, 'pause': 20}, outstanding=count, meanwhile=meanwhile)
    wanted = ['line {0}'.format(line) for line in range(lines)]
    stage.until(lambda: not load.incomplete_logs(wanted))
    states = collections.Counter(
        operation['state'] for operation in records.operations(stage.worker.client, load.id))
    return {
        'operations': count, 'failed': load.failures(), 'incomplete_logs': load.incomplete_logs(wanted),
        'states': states, 'seconds': load.seconds, 'away': outage['seconds'],
        'replies_before': outage['replies_before'], 'replies_during': outage['replies_during'],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('scenario', choices=['lifecycle', 'cancel', 'outage'])
    parser.add_argument('--agent', required=True, help='the program interop-agent')
    parser.add_argument('--manager', required=True, help='the program manager-test-server')
    parser.add_argument('--amqp-port', type=int, required=True)
    parser.add_argument('--http-port', type=int, required=True)
    parser.add_argument('--vhost', default='engine')
    parser.add_argument('--make-vhost', action='store_true')
    parser.add_argument('--transcript')
    parser.add_argument('--setting', action='append', default=[], help='NAME=VALUE in the environment of the agent')
    arguments = parser.parse_args()

    broker = places.Broker('127.0.0.1', arguments.amqp_port, arguments.http_port, arguments.vhost)
    if arguments.make_vhost:
        broker.make()
    settings = dict(setting.split('=', 1) for setting in arguments.setting)
    agent = places.Agent(arguments.agent, broker, settings=settings)
    try:
        with open(arguments.transcript or os.devnull, 'w') as transcript, places.Manager(arguments.manager) as manager:
            worker = ManagementWorker(broker, manager)
            with agent:
                found = globals()[arguments.scenario](Stage(worker, agent, transcript))
            worker.close()
        found['agent_exit_code'] = agent.exit_code
        found['agent_log'] = agent.log()
        json.dump(found, sys.stdout)
    finally:
        agent.remove()


if __name__ == '__main__':
    main()
