"""What the worker of a manager runs for a workflow, `python -m cloudify.dispatch`, on a broker whose port is neither 5671 nor 5672."""
import os
import runpy

from cloudify import broker_config

type(broker_config).broker_port = property(lambda self: int(os.environ['ENGINE_BROKER_PORT']))
runpy.run_module('cloudify.dispatch', run_name='__main__', alter_sys=True)
