"""What an agent with retry.mode=requeue owes a manager, which sees one long operation. It must have one slot.

The last check stops the agent.
"""

import copy
import time

from cloudify.exceptions import NonRecoverableError, OperationRetry, RecoverableError

from . import broker, records
from .checks import Checks, equal, instance
from .workflow import Workflow, result_of

check = Checks()


def events_of(env, task_id, count):
    return [r for r in env.telemetry.wait(task_id=task_id, count=count) if 'event_type' in r.record]


def expect_events(env, context, received, expected):
    """The events of a task that was retried: (state, retry number, exception, result) each."""
    equal([r.record['event_type'] for r in received], ['task_' + e[0] for e in expected])
    for r, (state, retry_number, exception, result) in zip(received, expected):
        attempt = copy.deepcopy(context)
        attempt['operation']['retry_number'] = retry_number
        records.expect_task_event(r, state, attempt, env.fixtures, exception=exception, result=result)


@check('one reply after two retries, with the events of each attempt')
def retried(env):
    context = Workflow(env.queue).context('interop.retry', max_retries=5)
    reply = env.requester.operation(context, {'until': 2, 'milliseconds': 200})
    equal(reply, {'ok': True, 'result': {'retries': 2}})
    again = OperationRetry('not ready yet', retry_after=0.2)
    received = events_of(env, context['task_id'], 6)
    expect_events(env, context, received, [
        ('started', 0, None, None), ('rescheduled', 0, again, None),
        ('started', 1, None, None), ('rescheduled', 1, again, None),
        # Structured results are shown as JSON; the original shows Python's own notation.
        ('started', 2, None, None), ('succeeded', 2, None, '{"retries":2}')])


@check('through the workflow dispatcher: one reply after two retries')
def dispatched_retried(env):
    workflow = Workflow(env.queue)
    task = workflow.send('interop.retry', {'until': 2, 'milliseconds': 200}, max_retries=5)
    equal(result_of(task), {'retries': 2})
    equal(task.get_state(), 'succeeded')
    equal(len(env.telemetry.wait(task_id=task.id, kind='task_rescheduled', count=2)), 2)
    equal(broker.queue_state(workflow.reply_queue), (0, 1))


@check('retries without limit go on')
def unlimited(env):
    context = Workflow(env.queue).context('interop.retry', max_retries=-1)
    reply = env.requester.operation(context, {'until': 4, 'milliseconds': 0})
    equal(reply, {'ok': True, 'result': {'retries': 4}})


@check('when max_retries is used up, the manager gets a NonRecoverableError with the wish as its cause')
def exhausted_wish(env):
    context = Workflow(env.queue).context('interop.retry', max_retries=1)
    exception, _ = env.requester.error(context, {'until': 9, 'milliseconds': 100})
    instance(exception, NonRecoverableError)
    equal([(c['type'], c['message']) for c in exception.causes], [('OperationRetry', 'not ready yet')])
    equal([r.record['event_type'] for r in events_of(env, context['task_id'], 4)], [
        'task_started', 'task_rescheduled', 'task_started', 'task_failed'])
    return str(exception)


@check('when max_retries is used up, the manager gets a NonRecoverableError with the error as its cause')
def exhausted_error(env):
    workflow = Workflow(env.queue)
    for name, inputs, cause in (
        ('interop.fail_recoverable', {'milliseconds': 100}, ('RecoverableError', 'try again later [retry_after=0.1]')),
        ('interop.fail_plain', None, ('OutOfPaper', 'no paper left: größer')),
    ):
        exception, _ = env.requester.error(workflow.context(name, max_retries=0), inputs)
        instance(exception, NonRecoverableError)
        equal([(c['type'], c['message']) for c in exception.causes][-1], cause)


@check('an error that may pass is retried by the agent')
def recoverable_error(env):
    context = Workflow(env.queue).context('interop.fail_recoverable', max_retries=2)
    exception, _ = env.requester.error(context, {'milliseconds': 100})
    instance(exception, NonRecoverableError)
    error = RecoverableError('try again later', retry_after=0.1)
    received = events_of(env, context['task_id'], 6)
    expect_events(env, context, received[:5], [
        ('started', 0, None, None), ('rescheduled', 0, error, None),
        ('started', 1, None, None), ('rescheduled', 1, error, None), ('started', 2, None, None)])
    equal(received[5].record['event_type'], 'task_failed')


@check('an error that will not pass is answered at once')
def non_recoverable_error(env):
    context = Workflow(env.queue).context('interop.fail', max_retries=5)
    exception, _ = env.requester.error(context)
    instance(exception, NonRecoverableError)
    equal(str(exception), 'give up: ü')


@check('while a retry waits, its slot serves others')
def slot_is_free(env):
    workflow = Workflow(env.queue)
    task = workflow.send('interop.retry', {'until': 1, 'milliseconds': 2000}, max_retries=5)
    env.telemetry.wait(task_id=task.id, kind='task_rescheduled')
    started = time.monotonic()
    env.requester.operation(Workflow(env.queue).context('interop.echo'))
    took = time.monotonic() - started
    equal(task.get_state(), 'sent')
    equal(result_of(task), {'retries': 1})
    return 'answered after {0:.3f} s'.format(took)


@check('a retry that waits while its execution is cancelled never runs and is not answered')
def cancelled_retry(env):
    workflow = Workflow(env.queue)
    task = workflow.send('interop.retry', {'until': 1, 'milliseconds': 1000}, max_retries=5)
    env.telemetry.wait(task_id=task.id, kind='task_rescheduled')
    workflow.cancel()
    # Another attempt that is due later comes back after it, and takes the only slot after it.
    env.requester.operation(
        Workflow(env.queue).context('interop.retry', max_retries=5), {'until': 1, 'milliseconds': 2000})
    equal([r.record['event_type'] for r in env.telemetry.of(task_id=task.id)], ['task_started', 'task_rescheduled'])
    equal(task.get_state(), 'sent')
    workflow.close()
    equal(broker.queue_state(workflow.reply_queue), (0, 0))


@check('an operation that stops the agent is answered with ok alone')
def stop_agent(env):
    equal(env.requester.operation(Workflow(env.queue).context('interop.stop_agent')), {'ok': True})
