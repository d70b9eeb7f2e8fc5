"""Looks at what the SAM transform makes of infra/template.yaml, without AWS: infra/check.sh runs it.

The transform adds resources that nobody wrote, and cfn-lint doesn't know which of them were meant.
"""

import json
import pathlib
from collections import Counter
from unittest.mock import Mock

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# No managed policy is named in the template, so none has to be looked up.
template = yaml_parse(pathlib.Path("infra/template.yaml").read_text(encoding="utf-8"))
for resource in template["Resources"].values():
    if "CodeUri" in resource.get("Properties", {}):
        # The transform takes what `sam deploy` has uploaded.
        resource["Properties"]["CodeUri"] = "s3://bucket/key.zip"
written = set(template["Resources"])
parameters = {name: "x" for name, value in template["Parameters"].items() if "Default" not in value}
policies = Mock(load=Mock(return_value={}))
resources = transform(template, parameters, policies)["Resources"]

stages = [name for name, made in resources.items() if made["Type"] == "AWS::ApiGateway::Stage"]
names = [resources[stage]["Properties"]["StageName"] for stage in stages]
assert names == [{"Ref": "Stage"}], f"stages of the API: {names}"
deployments = [made["Properties"] for made in resources.values() if made["Type"] == "AWS::ApiGateway::Deployment"]
assert deployments and all("StageName" not in made for made in deployments), "a deployment makes a stage of its own"

mappings = Counter(
    json.dumps([made["Properties"]["FunctionName"], made["Properties"]["EventSourceArn"]])
    for made in resources.values()
    if made["Type"] == "AWS::Lambda::EventSourceMapping"
)
assert mappings and max(mappings.values()) == 1, f"a function has two mappings of one source: {mappings}"
roles = {name for name, made in resources.items() if made["Type"] == "AWS::IAM::Role"} - written
assert not roles, f"roles that the transform made: {roles}"
print(f"The transform makes {len(resources)} resources of {len(written)}, one stage and {len(mappings)} mappings")
