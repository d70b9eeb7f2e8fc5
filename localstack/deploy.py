"""What localstack/deploy.sh does, once its environment is there."""

import argparse
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

STACK = "regain"
STAGE = "local"
BUCKET = "regain-deployments"
REGION = "eu-north-1"
ARCHITECTURE = "x86_64" if os.uname().machine == "x86_64" else "arm64"
CODE = re.compile(r"\.\./target/lambda/([a-z-]+)/bootstrap\.zip")

# On one machine everybody has the same address, as on the local stack.
PARAMETERS = {
    "Stage": STAGE,
    "Architecture": ARCHITECTURE,
    "EmailIdentity": "example.com",
    "EmailFrom": "Regain <no-reply@example.com>",
    "SmsCountries": "SE,NO,DK,FI,DE,GB,US",
    "RequestsPerAddressPerHour": "100000",
    "VerifiesPerAddressPerHour": "100000",
    "SignInsPerAddressPerHour": "100000",
    "RequestsPerSecond": "10000",
    "RequestBurst": "5000",
    "ProtectTable": "false",
}

# Where functions find the emulator and the inbox: they are processes of this machine for MiniStack, and
# containers of the compose file's network for LocalStack.
SEEN_BY_FUNCTIONS = {
    "ministack": lambda emulator, inbox: (emulator, inbox),
    "localstack": lambda _emulator, _inbox: ("http://localstack:4566", "http://notifications:8025"),
}


def arguments():
    parser = argparse.ArgumentParser(prog="localstack/deploy.sh")
    parser.add_argument("target", choices=SEEN_BY_FUNCTIONS)
    parser.add_argument("parameters", nargs="*", metavar="PARAMETER=VALUE")
    parser.add_argument("--accounts", type=pathlib.Path)
    parser.add_argument("--ready-file", type=pathlib.Path)
    parser.add_argument("--bootstraps", type=pathlib.Path)
    parser.add_argument("--target-directory", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_intermixed_args()


def build(asked):
    """Leaves each function's zip in the target directory, as for AWS."""
    if asked.bootstraps:
        names = [manifest.parent.name for manifest in sorted(pathlib.Path("functions").glob("*/Cargo.toml"))]
        pack = [sys.executable, "infra/pack.py", "--any-size"]
        command = [*pack, asked.target_directory, asked.bootstraps / "{}", *names]
    elif asked.target == "localstack":
        # Its containers have Lambda's C library, which may be older than this machine's.
        command = ["infra/build.sh", "--for", ARCHITECTURE]
    else:
        command = ["infra/build.sh"]
    subprocess.run(command, check=True)


def upload(s3, template, zips):
    """Uploads every function; the template that names the uploads."""
    try:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise

    def uploaded(match):
        archive = (zips / match[1] / "bootstrap.zip").read_bytes()
        key = f"{match[1]}-{hashlib.sha256(archive).hexdigest()[:16]}.zip"
        s3.put_object(Bucket=BUCKET, Key=key, Body=archive)
        return f"s3://{BUCKET}/{key}"

    return CODE.sub(uploaded, template)


def deploy(cloudformation, template_url, parameters):
    """Creates the stack, or brings the one that is there up to date; its outputs."""
    call = {
        "StackName": STACK,
        "TemplateURL": template_url,
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        cloudformation.describe_stacks(StackName=STACK)
        exists = True
    except ClientError:
        exists = False
    try:
        if exists:
            cloudformation.update_stack(**call)
        else:
            cloudformation.create_stack(**call, OnFailure="DO_NOTHING")
        waiter = cloudformation.get_waiter("stack_update_complete" if exists else "stack_create_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
    except WaiterError:
        for event in reversed(cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]):
            if "FAILED" in event["ResourceStatus"]:
                print(event["LogicalResourceId"], event.get("ResourceStatusReason"), file=sys.stderr)
        raise SystemExit("the stack could not be deployed") from None
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def keys(secrets, secret, regain):
    """The stage's keys: those that are there, or else new ones."""
    try:
        text = secrets.get_secret_value(SecretId=secret)["SecretString"]
    except ClientError:
        text = ""
    # MiniStack gives a secret without a value an empty one.
    if not text:
        text = subprocess.run([regain, "keys"], check=True, capture_output=True, text=True).stdout
        secrets.put_secret_value(SecretId=secret, SecretString=text)
    return text


def set_ttl(dynamodb, table):
    """What MiniStack's CloudFormation leaves out."""
    described = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if described["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
        print("setting the table's TTL, which the emulator's CloudFormation left out")
        specification = {"Enabled": True, "AttributeName": "purge_at"}
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)


class Tolerant(yaml.SafeLoader):
    """Reads a template; CloudFormation's functions become their arguments."""


def argument(loader, _suffix, node):
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


Tolerant.add_multi_constructor("!", argument)


def validate_body(gateway, method):
    """Has a method take JSON objects only; whether the import hadn't done so."""
    there = gateway.get_method(**method)
    if there.get("requestValidatorId"):
        return False
    api = {"restApiId": method["restApiId"]}
    validators = {v["name"]: v["id"] for v in gateway.get_request_validators(**api, limit=500)["items"]}
    if "body" not in validators:
        validator = {"name": "body", "validateRequestBody": True, "validateRequestParameters": False}
        validators["body"] = gateway.create_request_validator(**api, **validator)["id"]
    if "JsonObject" not in {model["name"] for model in gateway.get_models(**api, limit=500)["items"]}:
        model = {"name": "JsonObject", "contentType": "application/json", "schema": '{"type":"object"}'}
        gateway.create_model(**api, **model)
    # Not `update_method`: MiniStack takes the media type in a patch's path for another than it is.
    models = {"application/json": "JsonObject"}
    gateway.put_method(
        **method, authorizationType="NONE", requestValidatorId=validators["body"], requestModels=models
    )
    integration = there["methodIntegration"]
    gateway.put_integration(
        **method, type=integration["type"], integrationHttpMethod=integration["httpMethod"], uri=integration["uri"]
    )
    return True


def complete_api(gateway, api, stage, template, fallback):
    """What MiniStack's import of an OpenAPI document leaves out: methods for ANY, the validation of bodies, and gateway
    responses."""
    wanted = yaml.load(template, Tolerant)["Resources"]["Api"]["Properties"]
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{fallback}/invocations"
    added = []
    resources = gateway.get_resources(restApiId=api, limit=500)["items"]
    for resource in resources:
        operations = wanted["DefinitionBody"]["paths"].get(resource["path"], {})
        lacks = "ANY" not in resource.get("resourceMethods", {})
        if "x-amazon-apigateway-any-method" in operations and lacks:
            method = {"restApiId": api, "resourceId": resource["id"], "httpMethod": "ANY"}
            gateway.put_method(**method, authorizationType="NONE")
            gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
            added.append(resource["path"])
        for name, operation in operations.items():
            if "x-amazon-apigateway-request-validator" in operation:
                method = {"restApiId": api, "resourceId": resource["id"], "httpMethod": name.upper()}
                if validate_body(gateway, method):
                    added.append(f"validation of {name.upper()} {resource['path']}")
    there = gateway.get_gateway_responses(restApiId=api, limit=500)["items"]
    custom = {response["responseType"] for response in there if not response.get("defaultResponse")}
    for kind, response in wanted["GatewayResponses"].items():
        if kind not in custom:
            headers = response["ResponseParameters"]["Headers"].items()
            # What is no text depends on a parameter that is empty here.
            headers = [(name, value) for name, value in headers if isinstance(value, str)]
            gateway.put_gateway_response(
                restApiId=api,
                responseType=kind,
                statusCode=str(response["StatusCode"]),
                responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers},
                responseTemplates=response["ResponseTemplates"],
            )
            added.append(kind)
    if added:
        print("setting what the emulator's API Gateway left out:", ", ".join(added))
        gateway.create_deployment(restApiId=api, stageName=stage)


def seed(regain, emulator, table, text, parameters, accounts):
    environment = {
        "AWS_ENDPOINT_URL": emulator,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "REGAIN_STAGE": parameters["Stage"],
        "REGAIN_TABLE": table,
        "REGAIN_KEYS": text,
        "REGAIN_ARGON2_MEMORY_KIB": parameters.get("Argon2MemoryKib", ""),
    }
    command = [regain, "accounts", "--demo", *([accounts] if accounts else [])]
    subprocess.run(command, check=True, env=environment)


def main():
    asked = arguments()
    emulator = os.environ.get("REGAIN_EMULATOR", "http://127.0.0.1:4566").rstrip("/")
    inbox = os.environ.get("REGAIN_INBOX", "http://127.0.0.1:8025").rstrip("/")
    build(asked)
    subprocess.run(["cargo", "build", "--quiet", "--locked"], check=True)
    regain = asked.target_directory / "debug" / "regain"

    def client(service):
        return boto3.client(
            service,
            endpoint_url=emulator,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}, proxies={}),
        )

    endpoint, notifications = SEEN_BY_FUNCTIONS[asked.target](emulator, inbox)
    parameters = PARAMETERS | {
        "Origin": inbox,
        "EmulatorEndpoint": endpoint,
        "NotificationsEndpoint": notifications,
    }
    parameters |= dict(parameter.split("=", 1) for parameter in asked.parameters)
    template = pathlib.Path("infra/template.yaml").read_text(encoding="utf-8")
    s3 = client("s3")
    template = upload(s3, template, asked.target_directory / "lambda").encode()
    # From the bucket: CloudFormation takes no more than 51,200 bytes in a call.
    key = f"template-{hashlib.sha256(template).hexdigest()[:16]}.yaml"
    s3.put_object(Bucket=BUCKET, Key=key, Body=template)
    outputs = deploy(client("cloudformation"), f"{emulator}/{BUCKET}/{key}", parameters)

    text = keys(client("secretsmanager"), outputs["KeysSecret"], regain)
    functions = client("lambda")
    fallback = functions.get_function(FunctionName=f"{STACK}-meta")["Configuration"]["FunctionArn"]
    complete_api(client("apigateway"), outputs["ApiId"], parameters["Stage"], template, fallback)
    set_ttl(client("dynamodb"), outputs["TableName"])
    seed(regain, emulator, outputs["TableName"], text, parameters, asked.accounts)

    # Both emulators serve deployed stages at this path; the output's URL is that of AWS.
    api = f"{emulator}/restapis/{outputs['ApiId']}/{parameters['Stage']}/_user_request_"
    urls = {
        "api": api,
        "origin": parameters["Origin"],
        "notifications": inbox,
        "dynamodb": emulator,
        "table": outputs["TableName"],
    }
    if asked.ready_file:
        with tempfile.NamedTemporaryFile("w", dir=asked.ready_file.parent, delete=False) as file:
            json.dump(urls, file)
        os.replace(file.name, asked.ready_file)
    print(f"API    {api}\nInbox  {inbox}/")


if __name__ == "__main__":
    main()
