"""Starts ministack with what it lacks for the templates: each part says what."""

import sys
import uuid

from ministack.app import main
from ministack.services.cloudformation import changesets, engine, handlers, stacks
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

# It refuses these resource types: handlers that do nothing.
NOTHING_DONE = {
    "create": lambda logical_id, properties, stack_name: (str(uuid.uuid4()), {}),
    "delete": lambda physical_id, properties: None,
}

for resource_type in ("AWS::Logs::QueryDefinition",):
    if resource_type in _RESOURCE_HANDLERS:
        sys.exit(f"ministack knows {resource_type} now: remove it from test/deploy/launch_ministack.py")
    _RESOURCE_HANDLERS[resource_type] = NOTHING_DONE

# It leaves the value of a Number parameter as text, and then cannot compare it: whole numbers, as on AWS.
event_sources = _RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
create, update = event_sources["create"], event_sources["update"]


def with_numbers(properties):
    scaling = {name: int(value) for name, value in properties.get("ScalingConfig", {}).items()}
    return {**properties, "ScalingConfig": scaling}


event_sources["create"] = lambda logical_id, new, stack_name: create(logical_id, with_numbers(new), stack_name)
event_sources["update"] = lambda physical_id, old, new, stack_name: update(physical_id, old, with_numbers(new), stack_name)

# Its conditions can compare neither parts of a parameter nor the Region: it resolves them as it does in properties.
evaluate_conditions = engine._evaluate_conditions


def evaluate_all_conditions(template, parameters):
    def resolved(part):
        if isinstance(part, list):
            return [resolved(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "Fn::Equals" in part:
            return {"Fn::Equals": engine._resolve_refs(part["Fn::Equals"], {}, parameters, {}, {}, "", "")}
        return {name: resolved(item) for name, item in part.items()}

    return evaluate_conditions({**template, "Conditions": resolved(template.get("Conditions", {}))}, parameters)


for module in (changesets, engine, handlers, stacks):
    module._evaluate_conditions = evaluate_all_conditions

sys.exit(main())
