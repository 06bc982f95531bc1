"""Prints the CloudFormation that the SAM transform makes of a template, as AWS does when it is deployed."""

import json
import os
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # the result is the same in each
with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        # As `sam package` leaves it; the global path would be taken for one on this machine.
        resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
del template["Globals"]["Function"]["CodeUri"]
# No function takes a managed policy, so the loader never asks IAM.
print(json.dumps(transform(template, {}, ManagedPolicyLoader(None)), indent=2))
