"""Compares the order in which operations ran with a recorded graph of the lifecycle."""
import json


def load(path):
    """(nodes, before): the operations as (node, operation, side), and for each the ones that must have ended before it begins."""
    with open(path) as file:
        tasks = json.load(file)
    children = {}
    by_name = {task['name']: task['n'] for task in tasks if task['type'] == 'SubgraphTask'}
    for task in tasks:
        if task['subgraph'] is not None:
            children.setdefault(by_name[task['subgraph']], []).append(task['n'])
    by_number = {task['n']: task for task in tasks}

    def inside(number):
        found = {number}
        for child in children.get(number, []):
            found |= inside(child)
        return found

    direct = {}
    for task in tasks:
        needed = set()
        for other in task['depends_on']:
            # A task within a subgraph waits for the subgraph's beginning, others for its end.
            if task['subgraph'] is not None and by_name.get(task['subgraph']) == other:
                needed |= {('begin', other)}
            else:
                needed |= {('end', inner) for inner in inside(other)}
        direct[task['n']] = needed

    def before(number, seen):
        found = set()
        for kind, other in direct[number]:
            if (kind, other) in seen:
                continue
            seen.add((kind, other))
            if kind == 'end':
                found.add(other)
            found |= before(other, seen)
        return found

    def label(task):
        return task['node'], task['operation'], task['relationship']

    remote = [task for task in tasks if task['type'] == 'LocalWorkflowTask']
    numbers = {task['n'] for task in remote}
    order = {label(task): [label(by_number[n]) for n in before(task['n'], set()) & numbers] for task in remote}
    return order


def differences(path, operations, records):
    """Lines about what differs; none when exactly the operations of the graph ran, each after those it depends on.

    An operation begins when it is sent for the first time, and ends when it has succeeded.
    """
    order = load(path)
    ran = {(operation['node'], operation['operation'], operation['side']) for operation in operations}
    problems = ['{0} did not run'.format(label) for label in order if label not in ran]
    problems += ['{0} is not in the graph'.format(label) for label in ran if label not in order]
    begins, ends = {}, {}
    for index, record in enumerate(records):
        # The two ends of a relationship run on different nodes here.
        label = record.get('node_name'), record.get('operation')
        if record['event_type'] == 'sending_task':
            begins.setdefault(label, index)
        elif record['event_type'] == 'task_succeeded':
            ends[label] = index
    for label, needed in order.items():
        begin = begins.get(label[:2])
        for other in needed:
            end = ends.get(other[:2])
            if begin is None or end is None or end > begin:
                problems.append('{0} began at {1}, before {2} ended at {3}'.format(label, begin, other, end))
    return problems
