package convert

import (
	"context"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/onnx"
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
//   - encoder_model.onnx: input_features f32[batch, mels, frames] → last_hidden_state f32[batch,
//     ⌈frames/2⌉, width]; frames is free up to twice the model's audio context (3,000).
//   - decoder_model_merged.onnx: input_ids i64[batch, n], encoder_hidden_states,
//     past_key_values.N.{decoder,encoder}.{key,value} f32[batch, heads, length, 64],
//     use_cache_branch bool[1] → logits f32[batch, n, vocabulary], present.N.*. With
//     use_cache_branch false the encoder keys and values are computed and returned; with true they
//     are taken from the inputs and the present.N.encoder.* outputs are empty (batch 0), as in
//     published exports: go on feeding those of the first step.
//   - config.json, generation_config.json, preprocessor_config.json (with the mel filters),
//     tokenizer.json, LICENCE.txt.
//
// The context stops the conversion between chunks of 1 MiB. Errors wrap ErrUnsupported,
// ErrVocabulary, the sentinels of package ggml, onnx.ErrTooLarge, or an error of the file system;
// each names the file and the field.
func Whisper(ctx context.Context, ggmlPath, outDir string, progress func(done, total int64)) error {
	return convertFile(ctx, ggmlPath, outDir, progress, ggml.ReadWhisper, whisperOutput)
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
	build := func(int8 bool, part func(*ggml.Whisper, weightFile, bool) (*onnx.Model, error)) func() (*onnx.Model, error) {
		return func() (*onnx.Model, error) { return part(w, weights, int8) }
	}
	out := &output{}
	err = out.graphFiles([]graphFile{
		{encoderFile, build(false, whisperEncoder)},
		{decoderFile, build(false, whisperDecoder)},
		{encoderInt8File, build(true, whisperEncoder)},
		{decoderInt8File, build(true, whisperDecoder)},
	})
	if err != nil {
		return nil, err
	}
	err = out.jsonFiles([]jsonFile{
		{configFile, tokens.config()},
		{generationFile, tokens.generation()},
		{preprocessorFile, whisperPreprocessor(w)},
		{tokenizerFile, tokenizer},
	})
	if err != nil {
		return nil, err
	}
	out.text(licenceFile, []byte(whisperLicence))
	return out, nil
}

const whisperLicence = `The weights and the vocabulary in this folder are those of OpenAI's Whisper, published under the MIT License,
Copyright (c) 2022 OpenAI. They were converted from the ggml form to ONNX without retraining.
`
