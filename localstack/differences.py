"""Proves that MiniStack still differs from AWS as docs/emulators.md says: python localstack/differences.py READY_FILE

localstack/test.sh runs it after a deployment, which wrote READY_FILE. It fails for what has been mended, so that
what makes up for it, and its row in the document, go away.
"""

import json
import pathlib
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

READY = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
STACK = "differences"
# How long MiniStack may take for anything, in seconds. Not a measure of anything.
TIMEOUT = 60

# What the deployment makes up for is tried on a stack that it hasn't touched.
TEMPLATE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "TimeToLiveSpecification": {"AttributeName": "purge_at", "Enabled": True},
            },
        },
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "differences"}},
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {
                "Name": "differences",
                "Body": {
                    "openapi": "3.0.3",
                    "info": {"title": "differences", "version": "1"},
                    "paths": {
                        "/any": {
                            "x-amazon-apigateway-any-method": {
                                "x-amazon-apigateway-integration": {"type": "mock"},
                            },
                            "post": {
                                "x-amazon-apigateway-request-validator": "body",
                                "x-amazon-apigateway-integration": {"type": "mock"},
                            },
                        },
                    },
                    "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True}},
                    "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"statusCode": "418"}},
                },
            },
        },
    },
    "Outputs": {name: {"Value": {"Ref": name}} for name in ("Table", "Secret", "Api")},
}
METRIC_MATH = {
    "Resources": {
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "Metrics": [{"Id": "sum", "Expression": "1 + 1", "ReturnData": True}],
            },
        },
    },
}


def client(service, access_key="test"):
    return boto3.client(
        service,
        endpoint_url=READY["dynamodb"],
        region_name="eu-north-1",
        aws_access_key_id=access_key,
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 2}, proxies={}),
    )


def settled(name):
    """The stack, once nothing more happens to it."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        if time.monotonic() > deadline:
            sys.exit(f"the stack {name} is {stack['StackStatus']} after {TIMEOUT} s")
        time.sleep(0.2)


def outputs():
    return {output["OutputKey"]: output["OutputValue"] for output in settled(STACK)["Outputs"]}


def call(method, url, body):
    """The answer's JSON, whatever its status."""
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("Content-Type", "application/json")
    try:
        with OPENER.open(request, timeout=TIMEOUT) as response:
            text = response.read()
    except urllib.error.HTTPError as problem:
        text = problem.read()
    return json.loads(text) if text else {}


def ttl_is_left_out():
    described = client("dynamodb").describe_time_to_live(TableName=outputs()["Table"])
    return described["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def any_methods_are_left_out():
    resources = client("apigateway").get_resources(restApiId=outputs()["Api"])["items"]
    return all("ANY" not in resource.get("resourceMethods", {}) for resource in resources)


def request_validators_are_left_out():
    return not client("apigateway").get_request_validators(restApiId=outputs()["Api"])["items"]


def gateway_responses_are_left_out():
    responses = client("apigateway").get_gateway_responses(restApiId=outputs()["Api"])["items"]
    return all(response.get("statusCode") != "418" for response in responses)


def a_secret_without_a_value_is_empty():
    return client("secretsmanager").get_secret_value(SecretId=outputs()["Secret"])["SecretString"] == ""


def a_changed_document_makes_another_api():
    before = outputs()["Api"]
    changed = json.loads(json.dumps(TEMPLATE))
    changed["Resources"]["Api"]["Properties"]["Body"]["info"]["version"] = "2"
    client("cloudformation").update_stack(StackName=STACK, TemplateBody=json.dumps(changed))
    return outputs()["Api"] != before


def metric_math_is_refused():
    name = f"{STACK}-metric-math"
    try:
        client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(METRIC_MATH))
    except client("cloudformation").exceptions.ClientError:
        return True
    return settled(name)["StackStatus"] != "CREATE_COMPLETE"


def roles_allow_everything():
    client("dynamodb", access_key="nobody").describe_table(TableName=READY["table"])
    return True


def paths_are_decoded():
    answer = call("POST", f"{READY['api']}/v1/challenges/%00/verify", b'{"code": "123456"}')
    return answer["code"] == "not_found"


def a_failed_record_is_lost():
    # The SDK tries three times by itself. So the first invocation fails, and a second one would not.
    fault = {"to": "bob@example.com", "fault": "throttle", "count": 3}
    call("PUT", f"{READY['notifications']}/faults", json.dumps(fault).encode())
    requested = call("POST", f"{READY['api']}/v1/challenges", b'{"identifier": "bob@example.com"}')
    with OPENER.open(f"{READY['notifications']}/messages?to=bob@example.com&wait=15", timeout=TIMEOUT) as response:
        messages = json.load(response)["messages"]
    return all(message["reference"] != requested["reference"] for message in messages)


def a_second_mapping_is_taken():
    functions = client("lambda")
    there = functions.list_event_source_mappings(FunctionName="regain-deliver-messages")["EventSourceMappings"]
    mapping = {"EventSourceArn": there[0]["EventSourceArn"], "StartingPosition": "LATEST", "Enabled": False}
    try:
        made = functions.create_event_source_mapping(FunctionName="regain-deliver-messages", **mapping)
    except functions.exceptions.ResourceConflictException:
        return False
    functions.delete_event_source_mapping(UUID=made["UUID"])
    return True


DIFFERENCES = [
    a_second_mapping_is_taken,
    ttl_is_left_out,
    any_methods_are_left_out,
    request_validators_are_left_out,
    gateway_responses_are_left_out,
    a_secret_without_a_value_is_empty,
    a_changed_document_makes_another_api,
    metric_math_is_refused,
    roles_allow_everything,
    paths_are_decoded,
    a_failed_record_is_lost,
]


def main():
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
    mended = [difference.__name__ for difference in DIFFERENCES if not difference()]
    if mended:
        sys.exit(f"not so any more: {', '.join(mended)}. Take out what makes up for it, here and in docs/emulators.md")
    print(f"The {len(DIFFERENCES)} differences that docs/emulators.md lists with a proof are there")


if __name__ == "__main__":
    main()
