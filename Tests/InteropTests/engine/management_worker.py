"""The part of a manager's worker that runs workflows: it starts them, cancels them and kills them."""
import json
import os
import subprocess
import sys
import tempfile

from cloudify import amqp_client, broker_config
from cloudify_rest_client.client import CloudifyClient
from dsl_parser.parser import parse_from_path
from dsl_parser.tasks import prepare_deployment_plan

from . import places

HERE = os.path.dirname(os.path.abspath(__file__))
MAPPINGS = {
    'install': 'cloudify.plugins.workflows.install',
    'uninstall': 'cloudify.plugins.workflows.uninstall',
    'execute_operation': 'cloudify.plugins.workflows.execute_operation',
    'restart': 'cloudify.plugins.workflows.restart',
    'heal': 'cloudify.plugins.workflows.auto_heal_reinstall_node_subgraph',
}


class Workflow(object):
    """A running workflow."""

    def __init__(self, execution, process, folder):
        self.id = execution['id']
        self.token = execution['execution_token']
        self.process, self._folder = process, folder

    def wait(self, timeout=120):
        """Its output.json, None when it was killed."""
        output, _ = self.process.communicate(timeout=timeout)
        self.log = output
        path = os.path.join(self._folder.name, 'output.json')
        try:
            with open(path) as file:
                return json.load(file)
        except (IOError, ValueError):
            return None
        finally:
            self._folder.cleanup()


class ManagementWorker(object):
    def __init__(self, broker, manager):
        self._broker, self._manager = broker, manager
        self.client = CloudifyClient(
            host='127.0.0.1', port=manager.port, protocol='http', headers={'Authentication-Token': 'admin'},
            tenant=places.TENANT)
        self._folder = tempfile.TemporaryDirectory(prefix='engine-worker-')
        with open(os.path.join(self._folder.name, 'broker_config.json'), 'w') as file:
            json.dump({'broker_hostname': broker.host, 'broker_vhost': broker.vhost}, file)
        with open(os.path.join(self._folder.name, 'rest.pem'), 'w'):
            pass
        broker_config.broker_hostname = broker.host
        broker_config.broker_vhost = broker.vhost
        type(broker_config).broker_port = property(lambda self: broker.port)
        self._put('tenants', places.TENANT, {
            'name': places.TENANT, 'rabbitmq_vhost': broker.vhost, 'rabbitmq_username': 'guest',
            'rabbitmq_password': 'guest'})

    def close(self):
        self._folder.cleanup()

    def _put(self, kind, name, body):
        self.client._client.put('/{0}/{1}'.format(kind, name), data=body, expected_status_code=201)

    def create_deployment(self, deployment, blueprint, agent):
        """What the workflow create_deployment_environment leaves behind, with the agent in the hosts' runtime properties."""
        plan = prepare_deployment_plan(parse_from_path(blueprint))
        self._put('blueprints', 'bp1', {'visibility': 'tenant', 'tenant_name': places.TENANT})
        self._put('deployments', deployment, {'blueprint_id': 'bp1', 'scaling_groups': plan['scaling_groups']})
        nodes = []
        for node in plan['nodes']:
            scalable = node['capabilities']['scalable']['properties']
            nodes.append(dict(
                node, blueprint_id='bp1', number_of_instances=scalable['current_instances'],
                planned_number_of_instances=scalable['current_instances'],
                deploy_number_of_instances=scalable['default_instances'],
                min_number_of_instances=scalable['min_instances'], max_number_of_instances=scalable['max_instances'],
                relationships=node.get('relationships', [])))
        self.client.nodes.create_many(deployment, nodes)
        settings = {
            'queue': agent, 'name': agent, 'rest_host': ['127.0.0.1'], 'version': '7.0.5',
            'tenant': {'name': places.TENANT}}
        instances = []
        for index, instance in enumerate(plan['node_instances']):
            is_host = instance.get('host_id') == instance['id']
            instances.append({
                'id': instance['id'], 'node_id': instance['name'], 'index': 1, 'host_id': instance.get('host_id'),
                'relationships': instance.get('relationships', []),
                'runtime_properties': {'cloudify_agent': settings} if is_host else {}})
        self.client.node_instances.create_many(deployment, instances)
        return {instance['node_id']: instance['id'] for instance in instances}

    def start(self, deployment, workflow, **parameters):
        execution = self.client._client.post('/executions', expected_status_code=201, data={
            'deployment_id': deployment, 'workflow_id': workflow, 'parameters': parameters})
        folder = tempfile.TemporaryDirectory(prefix='engine-workflow-')
        with open(os.path.join(folder.name, 'input.json'), 'w') as file:
            json.dump({'cloudify_context': self._context(execution, parameters), 'args': [], 'kwargs': parameters}, file)
        environment = dict(
            os.environ, AGENT_WORK_DIR=self._folder.name, MANAGER_NAME='mgr1', REST_PROTOCOL='http',
            LOCAL_REST_CERT_FILE=os.path.join(self._folder.name, 'rest.pem'),
            ENGINE_BROKER_PORT=str(self._broker.port), PYTHONDONTWRITEBYTECODE='1')
        process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'workflow_process.py'), folder.name], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return Workflow(execution, process, folder)

    def _context(self, execution, parameters):
        workflow, token = execution['workflow_id'], execution['execution_token']
        return {
            'type': 'workflow', 'task_id': execution['id'], 'execution_id': execution['id'],
            'task_name': MAPPINGS[workflow], 'workflow_id': workflow, 'dry_run': False, 'is_system_workflow': False,
            'execution_creator_username': 'admin', 'task_target': 'cloudify.management',
            'tenant': {'name': places.TENANT}, 'resume': False, 'wait_after_fail': 600, 'bypass_maintenance': None,
            'execution_token': token, 'rest_token': token, 'rest_host': ['127.0.0.1'],
            'rest_port': self._manager.port, 'deployment_id': execution['deployment_id'],
            'deployment_display_name': 'Dep One', 'deployment_creator': 'admin', 'deployment_resource_tags': {},
            'blueprint_id': 'bp1', 'runtime_only_evaluation': False, 'workflow_parameters': parameters,
            'plugin': {
                'name': 'default_workflows', 'package_name': None, 'package_version': None, 'visibility': None,
                'tenant_name': None, 'source': None, 'properties': None},
        }

    def cancel(self, workflow):
        """As a user asks for it: the engine sees it within 5 s."""
        self.client.executions.cancel(workflow.id)

    def kill(self, workflow):
        """As a manager kills: from the request on the token is refused; then the process, then the agents' operations."""
        self.client.executions.cancel(workflow.id, kill=True)
        workflow.process.kill()
        agents = {
            operation['agent_name'] for operation in self.client.operations.list(execution_id=workflow.id, state='started')
            if operation.get('agent_name')}
        for agent in agents:
            self.send_service_task(agent, 'cancel-operation', execution_id=workflow.id)
        self.client.executions.update(workflow.id, 'cancelled')
        return agents

    def send_service_task(self, agent, name, **kwargs):
        client = amqp_client.get_client()
        with client:
            handler = amqp_client.SendHandler(agent, exchange_type='direct', routing_key='service')
            client.add_handler(handler)
            handler.publish({'service_task': {'task_name': name, 'kwargs': kwargs}})
