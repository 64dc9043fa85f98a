"""What log records and events must look like: as captured from the original, and as cloudify-common makes them."""

import datetime
import json
import os
import re

from cloudify.constants import EVENTS_EXCHANGE_NAME, LOGS_EXCHANGE_NAME
from cloudify.event import Event
from cloudify.workflows.events import format_event_message

from .checks import equal
from .workflow import message_context

TASK_CONTEXT = {'task_current_retries', 'task_total_retries', 'task_error_causes'}


def captured(folder, name, kind=None):
    """A captured record; `kind` is its list within the request that carried it."""
    with open(os.path.join(folder, name), encoding='utf-8') as f:
        fixture = json.load(f)
    fixture = fixture.get('body', fixture)
    return fixture[kind][0] if kind else fixture


def expect_log(received, context, fixture):
    equal(received.exchange, LOGS_EXCHANGE_NAME)
    _expect(received, context, fixture)
    equal(received.record['logger'], 'ctx.' + context['task_id'])


def expect_event(received, context, fixture):
    equal(received.exchange, EVENTS_EXCHANGE_NAME)
    equal(received.record['event_type'], fixture['event_type'])
    equal(sorted(received.record['message']), sorted(fixture['message']))
    _expect(received, context, fixture)


def expect_task_event(received, state, context, fixtures, exception=None, result=None):
    """As `expect_event`, with the text that the workflow engine gives to such an event."""
    expect_event(received, context, captured(fixtures, 'task_event_task_{0}.json'.format(state)))
    operation = context['operation']
    text = format_event_message(
        context['task_name'], 'RemoteWorkflowTask', state, result, exception,
        operation['retry_number'], operation['max_retries'])
    equal(received.record['message'], {'text': text, 'arguments': None})
    equal(received.record['context']['task_current_retries'], operation['retry_number'])
    equal(received.record['context']['task_total_retries'], operation['max_retries'])


def _expect(received, context, fixture):
    record = received.record
    equal(sorted(record), sorted(fixture))
    equal(record['type'], fixture['type'])
    equal(record['message_code'], None)
    equal(received.properties.delivery_mode, 2)
    equal({k: v for k, v in record['context'].items() if k not in TASK_CONTEXT}, message_context(context))
    equal(sorted(TASK_CONTEXT & set(record['context'])), sorted(TASK_CONTEXT & set(fixture['context'])))
    if ('source_id' in fixture['context']) == ('related' in context):
        equal(sorted(record['context']), sorted(fixture['context']))
    _expect_recent(record['timestamp'])
    # What the command line of a manager prints of it.
    assert record['message']['text'] in str(Event(record)), str(Event(record))


def _expect_recent(timestamp):
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', timestamp), timestamp
    moment = datetime.datetime.strptime(timestamp, '%Y-%m-%dT%H:%M:%S.%fZ').replace(tzinfo=datetime.timezone.utc)
    age = datetime.datetime.now(datetime.timezone.utc) - moment
    assert abs(age.total_seconds()) < 300, timestamp
