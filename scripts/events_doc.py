"""What `make docs` writes of the events: docs/events.md and contracts/asyncapi.yaml."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "contracts"
MARKDOWN = ROOT / "docs" / "events.md"
ASYNCAPI = CONTRACTS / "asyncapi.yaml"

INTRODUCTION = """# Events

Written by `make docs` from `contracts/`; change those files, not this one.

Every event goes to the topic exchange `{exchange}` with its name as routing key. It is a CloudEvents 1.0 event in AMQP
binary mode: the attributes below are headers with the prefix `cloudEvents:`, the body is flat JSON. An event
carries the complete new state, not a difference. It is delivered at least once; each consumer's inbox makes its effects
happen once. `docs/architecture.md` follows one ticket through the services.

| header | meaning |
|---|---|
| `id` | a UUID; the same event sent again has the same id |
| `source` | the service that published it |
| `type` | the event's name, `ticket.created` |
| `subject` | what it is about: the ticket's id, `department:<company>:<id>`, `team:<company>:<id>` or `company:<id>` |
| `time` | when it was stored, RFC 3339 UTC |
| `dataschema` | its schema; ends in `/v1` |
| `companyid` | the tenant |
| `revision` | grows by one per producer and subject; a lower one than already applied changes no state |
| `actorkind` | `system` or `person` |
| `requestid`, `traceparent`, `causeid` | the request and trace that set it off, and the event that caused it |

A new optional field is the same version; a field removed or retyped is a `v2` beside the `v1`. An unknown version
becomes a dead letter instead of being dropped.

## Who publishes and who consumes

| event | published by | consumed by the queues |
|---|---|---|
"""


def documents() -> dict[Path, str]:
    """Return the text of both files."""
    topology, schemas = load()
    return {MARKDOWN: markdown(topology, schemas), ASYNCAPI: asyncapi(topology, schemas)}


def load() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the topology and the schema of each event."""
    topology = yaml.safe_load((CONTRACTS / "topology.yaml").read_text(encoding="utf-8"))
    schemas = {
        path.name.removesuffix(".v1.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((CONTRACTS / "events").glob("*.v1.json"))
    }
    return topology, schemas


def markdown(topology: dict[str, Any], schemas: dict[str, dict[str, Any]]) -> str:
    """Return docs/events.md."""
    lines = [INTRODUCTION.format(exchange=topology["exchange"]).rstrip("\n")]
    for event in schemas:
        by = [name for name, service in topology["services"].items() if event in service["publishes"]]
        queues = [f"`{queue}`" for queue in queues_of(topology, event)]
        lines.append(f"| [`{event}`](#{event.replace('.', '')}) | {', '.join(by) or 'later'} | {', '.join(queues)} |")
    lines.append(f"\nAfter {', '.join(f'`{event}`' for event in topology['final'])} nothing happens to its subject.")
    for event, schema in schemas.items():
        lines += [f"\n## {event}\n", schema["description"], "\n| field | type |\n|---|---|"]
        lines += [
            f"| `{name}` | {kind(value)}{optionally(schema, name)} |" for name, value in schema["properties"].items()
        ]
        lines += ["\n```json", json.dumps(schema["examples"][0], indent=2), "```"]
    return "\n".join(lines) + "\n"


def asyncapi(topology: dict[str, Any], schemas: dict[str, dict[str, Any]]) -> str:
    """Return the AsyncAPI 3.0 document."""
    channels, operations, messages = {}, {}, {}
    for event, schema in schemas.items():
        key = event.replace(".", "_")
        messages[key] = {
            "name": event,
            "summary": schema["description"],
            "contentType": "application/json",
            "payload": {"$ref": f"events/{event}.v1.json"},
        }
        channels[key] = {
            "address": event,
            "messages": {key: {"$ref": f"#/components/messages/{key}"}},
            "bindings": {
                "amqp": {
                    "is": "routingKey",
                    "exchange": {"name": topology["exchange"], "type": "topic", "durable": True},
                }
            },
        }
        reference = {"$ref": f"#/channels/{key}"}
        for name, service in topology["services"].items():
            if event in service["publishes"]:
                operations[f"{name}.publish.{event}"] = {"action": "send", "channel": reference}
        for queue in queues_of(topology, event):
            operations[f"{queue}.{event}"] = {"action": "receive", "channel": reference}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Smart Ticket events", "version": "1.0.0"},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }
    return "# Written by `make docs` from topology.yaml and events/.\n" + yaml.safe_dump(document, sort_keys=False)


def queues_of(topology: dict[str, Any], event: str) -> list[str]:
    """Return the names of the queues that take an event."""
    return [
        f"{name}.{purpose}"
        for name, service in topology["services"].items()
        for purpose, events in service["queues"].items()
        if event in events
    ]


def kind(schema: dict[str, Any]) -> str:
    """Say in words what a field holds."""
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = " or ".join(types)
    if "format" in schema:
        words += f" ({schema['format']})"
    if "minimum" in schema and "maximum" in schema:
        words += f", {schema['minimum']}–{schema['maximum']}"
    if "maxLength" in schema:
        words += f", up to {schema['maxLength']:,} characters"
    return words


def optionally(schema: dict[str, Any], name: str) -> str:
    """Say so where a field may be missing, because events without it were sent before it joined."""
    return "" if name in schema["required"] else "; optional"
