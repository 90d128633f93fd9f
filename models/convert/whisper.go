package convert

import (
	"context"
	"fmt"
	"os"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/onnx"
)

// File names that Whisper writes.
const (
	encoderFile      = "encoder_model.onnx"
	decoderFile      = "decoder_model_merged.onnx"
	encoderInt8File  = "encoder_model_int8.onnx"
	decoderInt8File  = "decoder_model_merged_int8.onnx"
	configFile       = "config.json"
	generationFile   = "generation_config.json"
	preprocessorFile = "preprocessor_config.json"
	tokenizerFile    = "tokenizer.json"
	licenceFile      = "LICENCE.txt"
)

// Whisper converts a Whisper ggml file, English-only or multilingual, into the folder outDir:
//
//   - encoder_model.onnx: input_features f32[batch, mels, frames] → last_hidden_state f32[batch, ⌈frames/2⌉, width]; frames is
//     free up to twice the model's audio context (3,000).
//   - decoder_model_merged.onnx: input_ids i64[batch, n], encoder_hidden_states, past_key_values.N.{decoder,encoder}.{key,value}
//     f32[batch, heads, length, 64], use_cache_branch bool[1] → logits f32[batch, n, vocabulary], present.N.*. With
//     use_cache_branch false the encoder keys and values are computed and returned; with true they are taken from the inputs and the
//     present.N.encoder.* outputs are empty (batch 0), as in published exports: go on feeding those of the first step.
//   - config.json, generation_config.json, preprocessor_config.json (with the mel filters), tokenizer.json, LICENCE.txt.
//
// The context stops the conversion between chunks of 1 MiB. Errors wrap ErrUnsupported, ErrVocabulary, the sentinels of
// package ggml, onnx.ErrTooLarge, or an error of the file system; each names the file and the field.
func Whisper(ctx context.Context, ggmlPath, outDir string, progress func(done, total int64)) (err error) {
	file, err := os.Open(ggmlPath)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // read only
	info, err := file.Stat()
	if err != nil {
		return err
	}
	w, err := ggml.ReadWhisper(file, info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", ggmlPath, err)
	}
	out, err := whisperOutput(w, weightFile{file})
	if err != nil {
		return fmt.Errorf("%s: %w", ggmlPath, err)
	}
	return out.commit(ctx, outDir, progress)
}

// whisperOutput lays out all files of one model.
func whisperOutput(w *ggml.Whisper, weights weightFile) (*output, error) {
	tokens, err := newWhisperTokens(w)
	if err != nil {
		return nil, err
	}
	tokenizer, err := tokens.tokenizer()
	if err != nil {
		return nil, err
	}
	out := &output{}
	for _, g := range []struct {
		name  string
		build func(*ggml.Whisper, weightFile, bool) (*onnx.Model, error)
		int8  bool
	}{
		{encoderFile, whisperEncoder, false},
		{decoderFile, whisperDecoder, false},
		{encoderInt8File, whisperEncoder, true},
		{decoderInt8File, whisperDecoder, true},
	} {
		model, err := g.build(w, weights, g.int8)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		if err := out.model(g.name, model); err != nil {
			return nil, err
		}
	}
	for _, f := range []struct {
		name string
		body any
	}{
		{configFile, tokens.config()},
		{generationFile, tokens.generation()},
		{preprocessorFile, whisperPreprocessor(w)},
		{tokenizerFile, tokenizer},
	} {
		if err := out.json(f.name, f.body); err != nil {
			return nil, err
		}
	}
	out.text(licenceFile, []byte(whisperLicence))
	return out, nil
}

const whisperLicence = `The weights and the vocabulary in this folder are those of OpenAI's Whisper, published under the MIT License,
Copyright (c) 2022 OpenAI. They were converted from the ggml form to ONNX without retraining.
`
