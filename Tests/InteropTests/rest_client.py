"""Reads through cloudify_rest_client what the agent's own client wrote, and writes what that one reads next."""
import json
import sys

from cloudify_rest_client.client import CloudifyClient
from cloudify_rest_client.exceptions import CloudifyClientError

port = int(sys.argv[1])
client = CloudifyClient(host='127.0.0.1', port=port, protocol='http',
                        headers={'Execution-Token': 'token-1'}, tenant='default_tenant')

found = {}
found['execution'] = client.executions.get('e1')['status']
instance = client.node_instances.get('app_1', evaluate_functions=True)
found['properties'] = instance.runtime_properties
found['version'] = instance.version
found['state'] = instance.state
found['operation'] = client.operations.get('op-1')['state']
found['node'] = client.nodes.list(deployment_id='dep1', id='app')[0].properties
found['tenant'] = client.tenants.get('default_tenant')['name']
found['managers'] = [manager.hostname for manager in client.manager.get_managers()]
found['config'] = client.manager.get_config(scope='workflow')[0].value
found['evaluated'] = client.evaluate.functions('dep1', {'self': 'app_1'}, {'a': 1})['payload']
found['missing'] = None
try:
    client.executions.get('none')
except CloudifyClientError as error:
    found['missing'] = [error.status_code, error.error_code]
try:
    client.node_instances.update('app_1', runtime_properties={}, version=0)
except CloudifyClientError as error:
    found['conflict'] = [error.status_code, error.error_code]
client.node_instances.update('app_1', runtime_properties={'by': 'python'}, version=instance.version)
client.operations.update('op-1', state='succeeded')
client.events.create(logs=[{'message': {'text': 'from python'}}], execution_id='e1')
workdir = sys.argv[2]
with client.resources.sync_deployment_workdir('dep1', workdir):
    with open(workdir + '/from_agent.txt') as stream:
        found['file'] = stream.read()
    with open(workdir + '/from_python.txt', 'w') as stream:
        stream.write('python')
json.dump(found, sys.stdout)
