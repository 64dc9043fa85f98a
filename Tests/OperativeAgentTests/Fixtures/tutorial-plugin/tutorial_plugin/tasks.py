"""A web server that goes on when the operation that has started it is over."""
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request

from cloudify import ctx
from cloudify.decorators import operation
from cloudify.exceptions import NonRecoverableError

SERVER = '''
import http.server, sys
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
'''


@operation(resumable=True)
def start(suffix='!', **_):
    greeting = ctx.node.properties['greeting'] + suffix
    root = tempfile.mkdtemp(prefix='tutorial-', dir=os.environ['AGENT_WORK_DIR'])
    with open(os.path.join(root, 'index.html'), 'w') as page:
        page.write(greeting)
    process = subprocess.Popen([sys.executable, '-c', SERVER], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    port = int(process.stdout.readline())
    ctx.instance.runtime_properties['pid'] = process.pid
    ctx.instance.runtime_properties['port'] = port
    with urllib.request.urlopen('http://127.0.0.1:%d/index.html' % port) as answer:
        if answer.read().decode() != greeting:
            raise NonRecoverableError('Somebody else is at port %d' % port)
    ctx.logger.info('The web server is started on port %d', port)
    ctx.send_event('started')
    print('raw output of the operation')
    return {'greeting': greeting, 'python': sys.prefix, 'plugin': str(ctx.plugin), 'forked': is_forked()}


@operation
def stop(**_):
    pid = ctx.instance.runtime_properties.pop('pid', None)
    if pid is None:
        return ctx.operation.retry(message='Nothing is started yet', retry_after=1)
    os.kill(pid, signal.SIGKILL)
    ctx.logger.warning('The web server is stopped')
    return {'forked': is_forked()}


def is_forked():
    """Whether a resident Python has forked this one: it leaves a file."""
    return os.path.exists(os.path.join(sys.argv[1], '.begun'))
