import os
import signal
import subprocess
import sys
import time

from cloudify import ctx
from cloudify import exceptions as x


def value(text):
    """The value of Python that a test wants, which JSON may not have."""
    return {'nan': float('nan'), 'inf': float('inf'), 'negative': -5, 'ten years': 315360000, 'text': '2',
            'word': 'soon', 'empty': '', 'text of nan': 'nan', 'text of much': '1e400', 'list': [1], 'mapping': {'a': 1},
            'float': 1.5, 'zero': 0, 'none': None, 'true': True, '65 bits': 2 ** 64, '400 digits': 10 ** 399,
            'bytes': b'2'}[text]


def retry(what, **_):
    return ctx.operation.retry(message='again', retry_after=value(what))


def retry_without_message(what, **_):
    return ctx.operation.retry(retry_after=value(what))


def retry_raised(what, **_):
    raise x.OperationRetry('again', retry_after=value(what))


def flood(lines, **_):
    """Prints as fast as it can, 1,000 bytes a line."""
    for number in range(lines):
        print('%d %s' % (number, 'x' * 1000))
    print('the last line')


def is_forked(**_):
    """Whether a resident Python has forked this one: it leaves a file."""
    return os.path.exists(os.path.join(sys.argv[1], '.begun'))


def recoverable(what, **_):
    raise x.RecoverableError('again', retry_after=value(what))


def stubborn(**_):
    """Does not end when it is told to, and neither do the processes below it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
    ctx.logger.info('ready %d', child.pid)
    time.sleep(600)


def tidy(**_):
    """Ends by itself when it is told to."""
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    ctx.logger.info('ready')
    while not stopped:
        time.sleep(0.01)
    return 'tidied up'


def sleeper(**_):
    ctx.logger.info('ready')
    time.sleep(600)


def no_output(**_):
    os._exit(0)


def terminated(**_):
    os.kill(os.getpid(), signal.SIGKILL)


def echo(*args, **kwargs):
    kwargs.pop('ctx', None)
    return {'args': args, 'order': list(kwargs), 'kwargs': kwargs, 'resume': ctx.resume,
            'types': [type(v).__name__ for v in kwargs.values()]}


def where(**_):
    print('said by the operation')
    directory = sys.argv[1]
    mode = oct(os.stat(directory).st_mode & 0o777)
    return [os.path.basename(directory), mode, oct(os.stat(directory + '/input.json').st_mode & 0o777), directory]


def variables(**_):
    return dict(os.environ)
