"""Values by name, whose faults are named as a client writes them."""

from typing import Any

from marshmallow import ValidationError, fields


class ByName(fields.Dict):
    """An object with any names: faults stand at `field.name`, not at the `key` or `value` of a name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            faults = {name: found.get("key") or found["value"] for name, found in error.messages.items()}
            raise ValidationError(faults) from None
