"""Prints what the schema of OCSF 1.6 finds wrong with events, one a line; prints nothing where they are right."""

import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.6.0"))
validators = {}
for number, line in enumerate(sys.stdin, 1):
    event = json.loads(line)
    profiles = tuple(event["metadata"]["profiles"])
    key = (event["class_uid"], profiles)
    if key not in validators:
        name = schema.lookup_class_name_from_uid(event["class_uid"])
        validators[key] = Draft202012Validator(schema.get_class_schema(name, list(profiles)))
    for error in validators[key].iter_errors(event):
        print(f"line {number}: {error.json_path}: {error.message}")
