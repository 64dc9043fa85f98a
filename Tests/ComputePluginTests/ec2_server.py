"""moto's EC2 behind what a real endpoint does and moto does not: it takes time, it is busy, it knows who may ask.

Prints one line of JSON with the port, an access key and an image for each region, and serves until its input ends. Each region is a world of
its own. Orders come on the path /control/<region>: {"pending": n} lets each machine made from now on be pending until it was described n
times, {"throttle": n} refuses the next n requests, {"lose_answers": n} does what the next n requests ask for and answers with an error of the
server, {"grow_up": 1} lets the machines that are pending run. Every order is answered with the actions so far.
"""

import io
import json
import os
import re
import sys
import threading
import urllib.parse

os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_DEFAULT_REGION="eu-central-1")

import boto3
from moto import mock_aws, settings
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

USER = "operative"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
ERROR = """<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>1</RequestID></Response>"""


class Region:
    """What the next requests of a region meet."""

    def __init__(self):
        self.pending = 0
        self.throttle = 0
        self.lose_answers = 0
        self.actions = []
        # How often each machine will still be described as pending.
        self.young = {}


class Endpoint:
    """A WSGI application around moto's."""

    def __init__(self, regions):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()
        self.regions = {name: Region() for name in regions}

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = environ["PATH_INFO"].split("/")
        if path[1] == "control":
            return self.control(self.regions[path[2]], json.loads(body), start_response)
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/ec2/", environ.get("HTTP_AUTHORIZATION", ""))
        region = self.regions[scope.group(1)]
        action = urllib.parse.parse_qs(body.decode()).get("Action", ["?"])[0]
        with self.lock:
            region.actions.append(action)
            if region.throttle > 0:
                region.throttle -= 1
                return self.refuse(start_response, "503 Service Unavailable", "RequestLimitExceeded", "slow down")
            loses_answer = region.lose_answers > 0
            region.lose_answers -= loses_answer
        answer, status = self.ask(environ, body)
        answer = self.age(region, action, answer)
        if loses_answer:
            return self.refuse(start_response, "500 Internal Server Error", "InternalError", "the answer is lost")
        return self.send(start_response, status, answer, "text/xml")

    def ask(self, environ, body):
        statuses = []
        environ["wsgi.input"] = io.BytesIO(body)
        parts = self.moto(environ, lambda status, headers, *rest: statuses.append(status))
        return b"".join(parts), statuses[0]

    def age(self, region, action, answer):
        """Shows young machines as pending."""
        text = answer.decode()
        for identifier in set(re.findall(r"<instanceId>(i-[0-9a-f]+)</instanceId>", text)):
            with self.lock:
                if action == "RunInstances":
                    region.young[identifier] = region.pending
                left = region.young.get(identifier, 0)
                if left > 0 and action == "DescribeInstances":
                    region.young[identifier] = left - 1
            if left > 0:
                text = text.replace("<name>running</name>", "<name>pending</name>")
        return text.encode()

    def control(self, region, order, start_response):
        with self.lock:
            if order.pop("grow_up", 0):
                region.young = {}
            for name, value in order.items():
                setattr(region, name, value)
            answer = json.dumps({"actions": region.actions}).encode()
        return self.send(start_response, "200 OK", answer, "application/json")

    def refuse(self, start_response, status, code, message):
        return self.send(start_response, status, ERROR.format(code, message).encode(), "text/xml")

    @staticmethod
    def send(start_response, status, answer, content_type):
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(answer)))])
        return [answer]


def main(regions):
    with mock_aws():
        iam = boto3.client("iam")
        iam.create_user(UserName=USER)
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        iam.put_user_policy(UserName=USER, PolicyName="all", PolicyDocument=json.dumps(POLICY))
        image = boto3.client("ec2").describe_images()["Images"][0]["ImageId"]
        server = make_server("127.0.0.1", 0, Endpoint(regions), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # From here on every signature is checked.
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        facts = {"port": server.port, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"], "image": image}
        print(json.dumps(facts), flush=True)
        sys.stdin.read()


main(sys.argv[1:])
