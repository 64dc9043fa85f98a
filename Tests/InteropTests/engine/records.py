"""What the manager shows of an execution, read with the client of cloudify-common."""


def of(client, execution, sort='reported_timestamp'):
    """Events and log records in the order of their times; with None in the order of their arrival."""
    records, offset = [], 0
    while True:
        found = client.events.list(
            include_logs=True, execution_id=execution, sort=sort, _offset=offset, _size=500)
        records += found.items
        offset += 500
        if offset >= found.metadata.pagination.total:
            return records


def line(record):
    """As `cfy events list` prints it."""
    kind = 'LOG' if record['type'] == 'cloudify_log' else 'CFY'
    operation = (record.get('operation') or '').split('.')[-1]
    if record.get('source_id'):
        where = '[{0}->{1}|{2}] '.format(record['source_id'], record['target_id'], operation)
    elif record.get('node_instance_id'):
        where = '[{0}{1}] '.format(record['node_instance_id'], operation and '.' + operation)
    else:
        where = ''
    level = record['level'].upper() + ': ' if kind == 'LOG' else ''
    time = (record.get('reported_timestamp') or '').replace('T', ' ').rstrip('Z')
    return '{0}  {1} <{2}> {3}{4}{5}'.format(time, kind, record['deployment_id'], where, level, record['message'])


def operations(client, execution):
    """The operations that an agent has run, in the order of their creation."""
    found, offset = [], 0
    while True:
        page = client.operations.list(execution_id=execution, _offset=offset, _size=500)
        for operation in page.items:
            if operation['type'] != 'RemoteWorkflowTask':
                continue
            context = operation['parameters']['task_kwargs']['kwargs']['__cloudify_context']
            found.append({
                'id': operation['id'], 'name': operation['name'], 'state': operation['state'],
                'node': context['node_name'], 'instance': context['node_id'],
                'operation': context['operation']['name'], 'side': context['operation'].get('relationship'),
                'retry_number': context['operation']['retry_number'], 'agent': operation.get('agent_name'),
                'result': operation.get('result'), 'exception': operation.get('exception'),
            })
        offset += 500
        if offset >= page.metadata.pagination.total:
            return found
