"""The fixtures that every distribution's tests may use."""

pytest_plugins = ["service_kit.testing.fixtures", "model_kit.testing"]
