from setuptools import setup

setup(
    name='tutorial-plugin',
    version='1.0',
    description='A plugin as tutorials for Cloudify have it',
    packages=['tutorial_plugin'],
    install_requires=['cloudify-common>=6.2'],
)
