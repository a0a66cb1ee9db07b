"""The resources and the types of the API, generated from its OpenAPI document by `make client`."""
