"""Prints what Security Hub's API model, as botocore has it, finds wrong with a list of findings; prints nothing where it is right."""

import json
import re
import sys

import botocore.session
from botocore.validate import ParamValidator

BATCH = 100
model = botocore.session.get_session().get_service_model("securityhub")
shape = model.operation_model("BatchImportFindings").input_shape


def more_mistakes(value, shape, path):
    """botocore's validator leaves enumerations and patterns to the service."""
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from more_mistakes(each, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for index, each in enumerate(value):
            yield from more_mistakes(each, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map":
        for name, each in value.items():
            yield from more_mistakes(each, shape.value, f"{path}.{name}")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value} is none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            yield f"{path}: {value!r} does not match {pattern}"


findings = json.load(sys.stdin)
for start in range(0, len(findings), BATCH):
    parameters = {"Findings": findings[start : start + BATCH]}
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        print(report.generate_report())
    else:
        for mistake in more_mistakes(parameters, shape, "$"):
            print(mistake)
