"""Writes the three ONNX files and their JSON files from a checkpoint, and checks them against the checkpoint.

  python export.py run.pt weights
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from model import EPSILON, HEAD, HEADS, HIDDEN, KV_HEADS, LAYERS, SIDE, THETA, TOKENS, WIDTH, Model
from tokenizer import Tokenizer


class VisionEncoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values, pixel_attention_mask):
        x = pixel_values * pixel_attention_mask.unsqueeze(2).to(pixel_values.dtype)
        return self.model.conn(self.model.vision(x.flatten(0, 1)))


class EmbedTokens(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids):
        return self.model.emb(input_ids)


class Decoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, inputs_embeds, attention_mask, position_ids, *past):
        new, total = inputs_embeds.shape[1], attention_mask.shape[1]
        keys, queries = torch.arange(total), torch.arange(new) + (total - new)
        allowed = (keys[None, None, :] <= queries[None, :, None]) & (attention_mask[:, None, :] > 0)
        mask = (1.0 - allowed.unsqueeze(1).to(torch.float32)) * -1e4
        hidden, kept = self.model.decode(inputs_embeds, position_ids, mask, list(zip(past[::2], past[1::2])))
        return (self.model.logits(hidden), *[t for layer in kept for t in layer])


def past_names(prefix):
    return [f"{prefix}.{i}.{part}" for i in range(LAYERS) for part in ("key", "value")]


def export(model, folder):
    os.makedirs(folder, exist_ok=True)
    options = {"opset_version": 17, "do_constant_folding": True, "dynamo": False}
    batch, sequence = {0: "batch_size"}, {0: "batch_size", 1: "sequence_length"}
    pictures = {0: "batch_size", 1: "num_images"}
    torch.onnx.export(
        VisionEncoder(model), (torch.randn(1, 2, 3, SIDE, SIDE), torch.ones(1, 2, SIDE, SIDE, dtype=torch.bool)),
        f"{folder}/vision_encoder.onnx", input_names=["pixel_values", "pixel_attention_mask"], output_names=["image_features"],
        dynamic_axes={"pixel_values": pictures, "pixel_attention_mask": pictures, "image_features": {0: "total_images"}}, **options)
    torch.onnx.export(
        EmbedTokens(model), (torch.zeros(1, 5, dtype=torch.int64),), f"{folder}/embed_tokens.onnx",
        input_names=["input_ids"], output_names=["inputs_embeds"],
        dynamic_axes={"input_ids": sequence, "inputs_embeds": sequence}, **options)
    axes = {"inputs_embeds": sequence, "attention_mask": batch | {1: "total_sequence_length"}, "position_ids": sequence, "logits": sequence}
    axes |= {n: batch | {2: "past_sequence_length"} for n in past_names("past_key_values")}
    axes |= {n: batch | {2: "total_sequence_length"} for n in past_names("present")}
    past = [torch.randn(2, KV_HEADS, 5, HEAD) for _ in range(2 * LAYERS)]
    torch.onnx.export(
        Decoder(model), (torch.randn(2, 3, WIDTH), torch.ones(2, 8, dtype=torch.int64), torch.arange(5, 8)[None].repeat(2, 1), *past),
        f"{folder}/decoder_model_merged.onnx",
        input_names=["inputs_embeds", "attention_mask", "position_ids", *past_names("past_key_values")],
        output_names=["logits", *past_names("present")], dynamic_axes=axes, **options)


def verify(model, folder):
    """The exported files must give what the model gives, with and without a past."""
    model.eval()  # the exporter leaves it in training mode
    run = lambda name, **inputs: onnxruntime.InferenceSession(
        f"{folder}/{name}.onnx", providers=["CPUExecutionProvider"]).run(None, inputs)
    for name in ("vision_encoder", "embed_tokens", "decoder_model_merged"):
        onnx.checker.check_model(f"{folder}/{name}.onnx")
    pixels = np.random.default_rng(0).uniform(-1, 1, (1, 1, 3, SIDE, SIDE)).astype(np.float32)
    features = run("vision_encoder", pixel_values=pixels, pixel_attention_mask=np.ones((1, 1, SIDE, SIDE), bool))[0]
    close(features, model.conn(model.vision(torch.from_numpy(pixels[0]))))
    words = run("embed_tokens", input_ids=np.arange(9)[None])[0]
    close(words, model.emb(torch.arange(9)[None]))
    positions, mask = torch.arange(9)[None], torch.zeros(9, 9).masked_fill(~torch.ones(9, 9, dtype=torch.bool).tril(), -1e4)
    want = model.logits(model.decode(torch.from_numpy(words), positions, mask[None, None])[0])
    past, got = [np.zeros((1, KV_HEADS, 0, HEAD), np.float32)] * (2 * LAYERS), []
    for start, end in ((0, 6), (6, 7), (7, 9)):
        outputs = run("decoder_model_merged", inputs_embeds=words[:, start:end], attention_mask=np.ones((1, end), np.int64),
                      position_ids=np.arange(start, end)[None], **dict(zip(past_names("past_key_values"), past)))
        got, past = [*got, outputs[0]], outputs[1:]
    close(np.concatenate(got, 1), want)


def close(got, want):
    difference = float(np.abs(got - want.numpy()).max())
    if difference > 2e-3:
        raise SystemExit(f"the exported file differs from the checkpoint by {difference}")


def configurations(tokenizer):
    ends = {"eos_token_id": tokenizer.ids["<end_of_utterance>"], "bos_token_id": tokenizer.ids["<|im_start|>"],
            "pad_token_id": tokenizer.ids["<pad>"]}
    text = {"model_type": "llama", "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
            "num_key_value_heads": KV_HEADS, "head_dim": HEAD, "intermediate_size": HIDDEN, "vocab_size": len(tokenizer),
            "rope_theta": THETA, "rms_norm_eps": EPSILON, **ends}
    return {
        "config.json": {
            "architectures": ["Idefics3ForConditionalGeneration"], "model_type": "idefics3",
            "image_token_id": tokenizer.ids["<image>"], "scale_factor": 1, "text_config": text,
            "vision_config": {"image_size": SIDE, "patch_size": 16, "hidden_size": WIDTH}},
        "generation_config.json": ends,
        "preprocessor_config.json": {
            "image_processor_type": "Idefics3ImageProcessor", "processor_class": "Idefics3Processor", "do_convert_rgb": True,
            "do_resize": True, "size": {"longest_edge": SIDE}, "resample": 1, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "do_pad": True, "do_image_splitting": False,
            "max_image_size": {"longest_edge": SIDE}},
        "processor_config.json": {"image_seq_len": TOKENS, "processor_class": "Idefics3Processor"},
    }


def main():
    checkpoint, out = sys.argv[1:3]
    tokenizer = Tokenizer(f"{out}/tokenizer.json")
    saved = torch.load(checkpoint, map_location="cpu")
    saved = saved.get("model", saved)
    labels = [saved[f"vision.heads.{k}.bias"].numel() for k in range(4)]
    model = Model(len(tokenizer), labels)
    if missing := [k for k in model.load_state_dict(saved, strict=False).missing_keys if not k.startswith("differs.")]:
        raise SystemExit(f"{checkpoint} lacks {missing}")  # that head is the trainer's alone
    model.eval()
    with torch.no_grad():
        export(model, f"{out}/onnx")
        verify(model, f"{out}/onnx")
    for name, content in configurations(tokenizer).items():
        with open(f"{out}/{name}", "w", encoding="utf-8") as f:
            json.dump(content, f, indent=1)
            f.write("\n")


if __name__ == "__main__":
    main()
