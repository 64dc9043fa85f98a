"""What an agent with retry.mode=reply owes a manager. It must have two slots."""

import time

from cloudify import amqp_client
from cloudify.exceptions import NonRecoverableError, OperationRetry, RecoverableError

from . import broker, records
from .checks import Checks, equal, instance
from .stopwatch import Stopwatch
from .workflow import NODE, RELATIONSHIP, Workflow, result_of

check = Checks()

INPUTS = {
    'text': 'Grüße, 世界 🎉', 'quotes': '"\\/\b\f\n\r\t\u0000', 'integer': -9007199254740993, 'double': 0.1,
    'flags': [True, False, None], 'nested': {'list': [1, [2.5, {}], []], 'ключ': 'значение'}, 'empty': '',
}
ERROR_KEYS = {
    'exception_type', 'message', 'known_exception_type', 'known_exception_type_args', 'known_exception_type_kwargs',
    'append_message'}


def expect_error(wire, exception, expected_class, message, args, causes):
    """The rebuilt exception, and the payload that it was rebuilt from. Causes are (type, message)."""
    instance(exception, expected_class)
    equal(str(exception), message)
    equal(getattr(exception, 'retry_after', None), args[0] if args else None)
    equal([(cause['type'], cause['message']) for cause in exception.causes], causes)
    for cause in exception.causes:
        equal(sorted(cause), ['message', 'traceback', 'type'])
    equal(sorted(set(wire) - {'traceback'}), sorted(ERROR_KEYS))
    equal(wire['exception_type'], expected_class.__name__)
    equal(wire['known_exception_type_args'], args)


@check('is_agent_alive gets the pong')
def pong(env):
    started = time.monotonic()
    assert amqp_client.is_agent_alive(env.queue, amqp_client.get_client(), timeout=10)
    return 'after {0:.3f} s, connecting included'.format(time.monotonic() - started)


@check('is_agent_alive finds that an agent which does not exist is not alive')
def no_pong(env):
    assert not amqp_client.is_agent_alive(env.queue + '-missing', amqp_client.get_client(), timeout=1)


@check('the pong is the time, and nothing else')
def pong_content(env):
    reply = env.requester.service('ping')
    equal(sorted(reply), ['time'])
    assert abs(reply['time'] - time.time()) < 60, reply


@check('an unknown service task is answered with an error text, as by the original')
def unknown_service_task(env):
    reply = env.requester.service('make-coffee')
    equal(reply, {'ok': False, 'error': "KeyError('make-coffee')"})


@check('a structured result with text beyond ASCII comes back unchanged')
def structured_result(env):
    reply = env.requester.operation(Workflow(env.queue).context('interop.echo'), INPUTS)
    equal(reply, {'ok': True, 'result': INPUTS})


@check('the result of an operation that returns nothing is null, and present')
def null_result(env):
    equal(env.requester.operation(Workflow(env.queue).context('interop.log')), {'ok': True, 'result': None})


@check('a reply goes through the exchange of the agent, with the correlation id, persistent, and nothing more')
def reply_properties(env):
    context = Workflow(env.queue).context('interop.echo')
    env.requester.operation(context)
    method, properties = env.requester.latest
    equal([method.exchange, method.routing_key], [env.queue, '{0}_response_{1}'.format(env.queue, context['task_id'])])
    given = {name: value for name, value in vars(properties).items() if value is not None}
    equal(given, {'correlation_id': context['task_id'], 'delivery_mode': 2})


@check('ids and names of a node instance operation reach the operation')
def node_context(env):
    context = Workflow(env.queue).context('interop.context', retry_number=3, max_retries=7)
    equal(env.requester.operation(context)['result'], {
        'task_id': context['task_id'], 'task_name': 'interop.context',
        'operation': 'cloudify.interfaces.interop.context', 'retry_number': 3, 'max_retries': 7,
        'execution_id': context['execution_id'], 'workflow_id': 'install', 'deployment_id': 'dep1',
        'blueprint_id': 'bp1', 'tenant': 'default_tenant', 'plugin': 'interop', 'node_id': NODE['node_id'],
        'node_name': NODE['node_name'], 'source_id': None, 'target_id': None})


@check('both ends of a relationship operation reach the operation')
def relationship_context(env):
    context = Workflow(env.queue).context('interop.context', node=RELATIONSHIP)
    result = env.requester.operation(context)['result']
    equal([result['source_id'], result['target_id'], result['node_id']], ['app_sx1zbp', 'db_7myr1g', None])


@check('NonRecoverableError keeps its message and its causes, innermost first')
def non_recoverable(env):
    exception, wire = env.requester.error(Workflow(env.queue).context('interop.fail'))
    expect_error(wire, exception, NonRecoverableError, 'give up: ü', [], [
        ('OutOfPaper', 'no paper left: größer'), ('PaperJam', 'paper jam in tray 2'),
        ('NonRecoverableError', 'give up: ü')])


@check('RecoverableError keeps its retry_after, and its message gets the suffix once')
def recoverable(env):
    workflow = Workflow(env.queue)
    for milliseconds, seconds in ((7000, 7), (1500, 1.5), (0, 0)):
        exception, wire = env.requester.error(
            workflow.context('interop.fail_recoverable'), {'milliseconds': milliseconds})
        message = 'try again later [retry_after={0}]'.format(seconds)
        expect_error(wire, exception, RecoverableError, message, [seconds], [('RecoverableError', message)])
        equal(wire['message'], message)
    exception, wire = env.requester.error(workflow.context('interop.fail_recoverable'))
    expect_error(
        wire, exception, RecoverableError, 'try again later', [None], [('RecoverableError', 'try again later')])


@check('any other Swift error is a RecoverableError whose last cause names its type')
def plain_error(env):
    exception, wire = env.requester.error(Workflow(env.queue).context('interop.fail_plain'))
    expect_error(wire, exception, RecoverableError, 'no paper left: größer', [None], [
        ('OutOfPaper', 'no paper left: größer')])


@check('ctx.operation.retry is an OperationRetry with its retry_after and without a traceback')
def operation_retry(env):
    exception, wire = env.requester.error(
        Workflow(env.queue).context('interop.retry'), {'until': 1, 'milliseconds': 3000})
    message = 'not ready yet [retry_after=3]'
    expect_error(wire, exception, OperationRetry, message, [3], [('OperationRetry', message)])
    equal(wire['message'], message)
    assert 'traceback' not in wire, wire


@check('an unknown task name is a NonRecoverableError that lists near matches')
def unknown_task(env):
    exception, wire = env.requester.error(Workflow(env.queue).context('interop.ecko'))
    instance(exception, NonRecoverableError)
    assert "'interop.ecko'" in str(exception) and "'interop.echo'" in str(exception), str(exception)
    equal(sorted(wire), sorted(ERROR_KEYS))
    return str(exception)


@check('inputs that do not fit are a NonRecoverableError that names the input')
def wrong_inputs(env):
    exception, _ = env.requester.error(
        Workflow(env.queue).context('interop.retry'), {'until': 'tomorrow', 'milliseconds': 1})
    instance(exception, NonRecoverableError)
    assert 'until' in str(exception), str(exception)
    return str(exception)


@check('a timeout is recoverable or not, as the task says')
def timeouts(env):
    workflow = Workflow(env.queue)
    texts = []
    for recoverable, expected in ((True, RecoverableError), (False, NonRecoverableError), (None, NonRecoverableError)):
        context = workflow.context('interop.sleep', timeout=0.5, timeout_recoverable=recoverable)
        with Stopwatch() as watch:
            exception, wire = env.requester.error(context, {'milliseconds': 60000})
        message = 'The operation did not end within its timeout of 0.5 seconds.'
        expect_error(wire, exception, expected, message, [None] if recoverable else [], [])
        assert watch.took >= 0.5 and watch.counted < 5, (watch.took, watch.counted)
        texts.append('{0}: {1:.2f} s'.format(expected.__name__, watch.took))
    return ', '.join(texts)


@check('through the workflow dispatcher: success with a structured result')
def dispatched_success(env):
    task = Workflow(env.queue).send('interop.echo', INPUTS)
    equal(result_of(task), INPUTS)
    equal(task.get_state(), 'succeeded')


@check('through the workflow dispatcher: every kind of error, with its class, retry_after and causes')
def dispatched_errors(env):
    workflow = Workflow(env.queue)
    for name, inputs, expected, state, retry_after, last_cause in (
        ('interop.fail', None, NonRecoverableError, 'failed', None, 'NonRecoverableError'),
        ('interop.fail_recoverable', {'milliseconds': 7000}, RecoverableError, 'failed', 7, 'RecoverableError'),
        ('interop.fail_plain', None, RecoverableError, 'failed', None, 'OutOfPaper'),
        ('interop.retry', {'until': 1, 'milliseconds': 3000}, OperationRetry, 'rescheduled', 3, 'OperationRetry'),
        ('interop.ecko', None, NonRecoverableError, 'failed', None, None),
    ):
        task = workflow.send(name, inputs)
        exception = result_of(task)
        instance(exception, expected)
        equal(task.get_state(), state)
        equal(getattr(exception, 'retry_after', None), retry_after)
        equal(exception.causes[-1]['type'] if exception.causes else None, last_cause)
    equal(broker.queue_state(workflow.reply_queue), (0, 1))


@check('through the workflow dispatcher: a timeout is recoverable or not, as the task says')
def dispatched_timeouts(env):
    workflow = Workflow(env.queue)
    for recoverable, expected in ((True, RecoverableError), (False, NonRecoverableError)):
        task = workflow.send(
            'interop.sleep', {'milliseconds': 60000}, timeout=0.5, timeout_recoverable=recoverable)
        instance(result_of(task), expected)


@check('the workflow engine sends an operation again when it asks for it, until it succeeds')
def engine_retries(env):
    task = Workflow(env.queue).send('interop.retry', {'until': 2, 'milliseconds': 200}, max_retries=5)
    equal(result_of(task, follow_retries=True), {'retries': 2})


@check('a cancelled operation is not answered, and its reply queue stays, empty')
def cancelled(env):
    workflow = Workflow(env.queue)
    task = workflow.send('interop.sleep', {'milliseconds': 60000})
    env.telemetry.wait(task_id=task.id, kind='plugin_event')
    workflow.cancel()
    env.telemetry.wait(task_id=task.id, kind='plugin_event', count=2)
    expect_silence(env, workflow, [task])
    # Deleting a reply queue is refused to agents, which costs the channel that replies are sent on.
    equal(env.requester.operation(Workflow(env.queue).context('interop.echo')), {'ok': True, 'result': {}})


@check('while operations hold every slot and thread, the agent answers pings, and what waits can be cancelled')
def busy(env):
    blocking, waiting = Workflow(env.queue), Workflow(env.queue)
    blockers = [blocking.send('interop.block') for _ in range(2)]
    for task in blockers:
        env.telemetry.wait(task_id=task.id, kind='plugin_event')
    cancelled_early = blocking.send('interop.echo')
    next_one = waiting.send('interop.echo')
    started = time.monotonic()
    assert amqp_client.is_agent_alive(env.queue, amqp_client.get_client(), timeout=10)
    took = time.monotonic() - started
    equal([task.get_state() for task in blockers + [cancelled_early, next_one]], ['sent'] * 4)
    equal(env.telemetry.of(task_id=next_one.id), [])
    blocking.cancel()
    equal(result_of(next_one), {})
    expect_silence(env, blocking, blockers + [cancelled_early])
    equal(env.telemetry.of(task_id=cancelled_early.id), [])
    return 'pong after {0:.3f} s, connecting included'.format(took)


def expect_silence(env, workflow, tasks):
    """No reply to these tasks of a cancelled execution, and none in the queue when its only reader has left."""
    # Whatever was on its way is out before the reply to an operation that was sent later.
    env.requester.operation(Workflow(env.queue).context('interop.echo'))
    time.sleep(0.5)
    equal([task.get_state() for task in tasks], ['sent'] * len(tasks))
    workflow.close()
    equal(broker.queue_state(workflow.reply_queue), (0, 0))


@check('log records have the form, the context and the levels of the original')
def log_records(env):
    for node, fixture in ((NODE, 'log_info_node.json'), (RELATIONSHIP, 'log_info_rel.json')):
        context = Workflow(env.queue).context('interop.log', node=node)
        env.requester.operation(context)
        received = env.telemetry.wait(task_id=context['task_id'], kind='log', count=5)
        equal([(r.record['level'], r.record['message']) for r in received], [
            ('debug', {'text': 'debug line'}), ('info', {'text': 'info line: Grüße, 世界'}),
            ('warning', {'text': 'warning line'}), ('error', {'text': 'error line'}),
            ('critical', {'text': 'critical line'})])
        for r in received:
            records.expect_log(r, context, records.captured(env.fixtures, fixture, 'logs'))


@check('events of an operation and of its task have the form, the context and the texts of the original')
def event_records(env):
    for node, fixture in ((NODE, 'event_plugin_event_node.json'), (RELATIONSHIP, 'event_plugin_event_rel.json')):
        context = Workflow(env.queue).context('interop.log', node=node, retry_number=1, max_retries=3)
        env.requester.operation(context)
        started, plugin, succeeded = [
            r for r in env.telemetry.wait(task_id=context['task_id'], count=8) if 'event_type' in r.record]
        records.expect_event(plugin, context, records.captured(env.fixtures, fixture, 'events'))
        equal(plugin.record['message'], {'text': 'an event from the plugin: 🎉', 'arguments': None})
        records.expect_task_event(started, 'started', context, env.fixtures)
        records.expect_task_event(succeeded, 'succeeded', context, env.fixtures)


@check('the event of a failed task carries its error and causes')
def failed_event(env):
    context = Workflow(env.queue).context('interop.fail')
    exception, _ = env.requester.error(context)
    event, = env.telemetry.wait(task_id=context['task_id'], kind='task_failed')
    records.expect_task_event(event, 'failed', context, env.fixtures, exception=exception)
    equal(event.record['context']['task_error_causes'], exception.causes)


@check('the event of a rescheduled task carries the wait')
def rescheduled_event(env):
    context = Workflow(env.queue).context('interop.retry', max_retries=60)
    exception, _ = env.requester.error(context, {'until': 1, 'milliseconds': 1000})
    event, = env.telemetry.wait(task_id=context['task_id'], kind='task_rescheduled')
    records.expect_task_event(event, 'rescheduled', context, env.fixtures, exception=exception)


@check('records of an operation are numbered and out before its reply')
def sequence(env):
    context = Workflow(env.queue).context('interop.log')
    env.requester.operation(context)
    received = env.telemetry.wait(task_id=context['task_id'], count=8)
    numbers = sorted(r.properties.headers['x-operative-sequence'] for r in received)
    equal(numbers, list(range(1, 9)))
