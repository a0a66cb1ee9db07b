"""New API keys."""

from auth_service.usecases.api_keys import new_api_key
from service_kit.identity.api_keys import ALPHABET, is_well_formed, key_id_of


def test_new_keys_are_well_formed_different_and_have_an_id() -> None:
    keys = {new_api_key() for _ in range(200)}
    assert len(keys) == len({key_id_of(key) for key in keys}) == 200
    assert all(is_well_formed(key) and len(key) == 51 for key in keys)
    assert set("".join(keys)) <= set(ALPHABET) | {"_"}
