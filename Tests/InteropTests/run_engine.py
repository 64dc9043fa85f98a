#!/usr/bin/env python3
"""Runs workflows with the engine of cloudify-common against `operative worker`, with the manager for tests between them.

Prints one JSON object with what was found, and writes what `cfy events list` would print to --transcript.
"""

import argparse
import json
import os
import sys

from engine import graph, places, records
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

    def replies_left(self, workflow):
        """Messages in the reply queue; None when the engine has deleted it."""
        import pika
        from cloudify import amqp_client
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
    """install, an operation, uninstall."""
    return {
        'install': stage.finish(stage.start('install'), 'graph_install.json'),
        'execute_operation': stage.finish(stage.start_operation('tests.write', 'db', lines=20)),
        'uninstall': stage.finish(stage.start('uninstall', ignore_failure=False), 'graph_uninstall.json'),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('scenario', choices=['lifecycle'])
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
