# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes small models as transformers saves them, checkpoints of odd tensors, and the checksum of every tensor.

Run: python3 make.py. Made with Python 3.11, torch 2.11.0, transformers 4.46.0, safetensors 0.5, on 2026-11-21.
"""
import collections
import hashlib
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification

here = pathlib.Path(__file__).parent
facts = {}


def describe(tensors):
    return {name: {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape),
                   "sha256": hashlib.sha256(t.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()}
            for name, t in tensors.items()}


torch.manual_seed(11)
sizes = dict(vocab_size=12, max_position_embeddings=16, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
             intermediate_size=10, hidden_act="relu", hidden_dropout_prob=0.02, attention_probs_dropout_prob=0.02)
for folder, kind, extra in (("masked_lm", BertForMaskedLM, {}),
                            ("cell_classifier", BertForSequenceClassification,
                             {"id2label": {0: "healthy", 1: "hcm", 2: "dcm"}, "label2id": {"healthy": 0, "hcm": 1, "dcm": 2}}),
                            ("gene_classifier", BertForTokenClassification, {})):
    model = kind(BertConfig(**sizes, **extra))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    model.save_pretrained(here / folder)
    torch.save(model.state_dict(), here / folder / "pytorch_model.bin")
    torch.save(model.state_dict(), here / folder / "legacy.bin", _use_new_zipfile_serialization=False)
    facts[f"{folder}/pytorch_model.bin"] = facts[f"{folder}/legacy.bin"] = describe(model.state_dict())
    stored = {k: v for k, v in model.state_dict().items() if not k.startswith("cls.predictions.decoder")}
    facts[f"{folder}/model.safetensors"] = describe(stored)

base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
odd = collections.OrderedDict(
    whole=base, transposed=base.t(), window=base[1:3, 2:5], scalar=torch.tensor(3.5), empty=torch.zeros(0, 4),
    bfloat16=torch.tensor([1.0, -2.5, 3e38], dtype=torch.bfloat16), half=torch.tensor([[0.1, 65504.0], [6e-8, -0.0]], dtype=torch.float16),
    boolean=torch.tensor([True, False]), parameter=torch.nn.Parameter(torch.ones(2)), int64=torch.arange(3),
    double=torch.tensor([0.1, 1e300], dtype=torch.float64), int8=torch.tensor([-128, 127], dtype=torch.int8))
torch.save(odd, here / "odd.bin")
torch.save(odd, here / "odd_legacy.bin", _use_new_zipfile_serialization=False)
save_file({k: v.detach().contiguous() for k, v in odd.items()}, here / "odd.safetensors", metadata={"format": "pt", "x": "y"})
for name in ("odd.bin", "odd_legacy.bin", "odd.safetensors"):
    facts[name] = describe(odd)
torch.save({"epoch": 3, "model": odd}, here / "not_a_state_dict.bin")
torch.jit.script(torch.nn.Linear(2, 2)).save(here / "torchscript.bin")
(here / "expected.json").write_text(json.dumps(facts, indent=1) + "\n")
