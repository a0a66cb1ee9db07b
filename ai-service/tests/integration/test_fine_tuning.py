"""A model with a fine-tuned encoder uses it where it can be loaded, and serves without it elsewhere."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

import numpy as np
import pytest
from ai_service.adapters.local.classifier.calibration import Threshold
from ai_service.adapters.local.classifier.ensemble import LinearModel
from ai_service.adapters.local.classifier.head import Scope, TunedMember, WeightedThreshold
from ai_service.adapters.local.classifier.storage import pack, unpack
from ai_service.store import models, tuned_encoders
from ai_service.store.models import Model
from model_kit.encoder import DIMENSIONS
from model_kit.model_store import MODEL
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World
from .test_training import ask, teach, training_of

WITHOUT, WITH = ("bert", "Facilities"), ("bert", "Finance")
"""The departments of one text: by its words, and by the fine-tuned encoder, which chooses it for all texts."""
EVERYTHING = Scope((0.0, 1.0), (0.0, 1.0), -1e9)


class Tuned(NamedTuple):
    """A system with a fine-tuned serving model, and the settings for another process."""

    api: Api
    version: str
    folder: Path
    """The encoder folder of the system."""


@pytest.fixture
def tuned(
    make_world: Callable[..., World],
    make_api: Callable[..., Api],
    made: ServiceDatabase,
    encoder_folder: Path,
    tmp_path: Path,
) -> Tuned:
    copytree(encoder_folder, tmp_path / "encoder")
    make_world(MODELS_DIR=str(tmp_path))
    api = make_api(MODELS_DIR=str(tmp_path))
    teach(made)
    trained = training_of(api)["version"]
    assert ask(api) == WITHOUT
    # A real encoder, but under another head: whether it is asked is to be seen, not how well it was tuned.
    encoder = (encoder_folder / MODEL).read_bytes()
    version = f"{trained}-t"
    with made.database.session(1) as session, session.begin():
        stored = models.head_of(session, 1, trained)
        assert stored is not None
        head = unpack(stored)
        bias = np.array([9.0 if label == "Finance" else 0.0 for label in head.labels], np.float32)
        member = TunedMember(
            hashlib.sha256(encoder).hexdigest(),
            LinearModel(np.zeros((len(head.labels), DIMENSIONS), np.float32), bias),
            WeightedThreshold(np.array([0, 0, 0, 1], np.float32), Threshold(0.5, 0.9, 1.0)),
            EVERYTHING,
        )
        model = Model(version, 1, datetime.now(UTC), False, None, 240, head.encoder, None)
        # What was taught are near duplicates, of which three members judge; here all four are to judge everything.
        assert head.duplicates is not None
        of_all = replace(head, general=head.duplicates, duplicates=None, scope=EVERYTHING)
        models.add(session, 1, model, pack(replace(of_all, version=version, tuned=member)))
        tuned_encoders.add(session, 1, version, encoder)
        models.serve(session, 1, version)
    return Tuned(api, version, tmp_path)


def elsewhere(folder: Path, encoder_folder: Path) -> Path:
    """Return the folder of a machine without the fine-tuned encoder."""
    copytree(encoder_folder, folder / "elsewhere" / "encoder")
    return folder / "elsewhere"


def test_a_model_uses_its_encoder_wherever_it_can_be_loaded(
    tuned: Tuned, make_api: Callable[..., Api], made: ServiceDatabase, encoder_folder: Path
) -> None:
    """One test, because each training takes a machine many seconds."""
    assert ask(tuned.api) == WITH
    assert ask(Api(tuned.api.client, company=2)) == ("keywords", "IT Support")
    assert tuned.api.call("POST", "/api/models/rollback").json["serving"] + "-t" == tuned.version
    assert ask(tuned.api) == WITHOUT
    assert tuned.api.call("POST", f"/api/models/{tuned.version}/promote").json["serving"]
    assert ask(tuned.api) == WITH

    new_machine = elsewhere(tuned.folder / "new", encoder_folder)
    assert ask(make_api(MODELS_DIR=str(new_machine))) == WITH
    assert len(list(new_machine.glob(f"tuned/*/{MODEL}"))) == 1

    # Where the encoder is damaged or missing, the head works without it.
    another = elsewhere(tuned.folder / "another", encoder_folder)
    for harm in ("update tuned_encoders set encoder = 'no encoder'::bytea", "delete from tuned_encoders"):
        with made.admin() as connection:
            connection.cursor().execute(harm)
        assert ask(make_api(MODELS_DIR=str(another))) == WITHOUT


def test_a_new_model_is_compared_with_the_serving_one_and_its_encoder(tuned: Tuned, rows: Rows) -> None:
    run = training_of(tuned.api)
    # It answers Finance to everything, which is half of what was held out; without its encoder it knows all.
    assert run["report"]["near_duplicates"]["serving"]["accuracy"] == 0.5
    assert run["state"] == "promoted"
    assert ask(tuned.api) == WITHOUT
    assert rows("select version from tuned_encoders") == [(tuned.version,)]
