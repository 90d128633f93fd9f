package convert

import (
	"context"
	"fmt"

	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// File names that SmolLM2GGUF writes beside those of Whisper.
const (
	embedFile           = "onnx/embed_tokens.onnx"
	languageFile        = "onnx/decoder_model_merged.onnx"
	embedQ4File         = "onnx/embed_tokens_q4.onnx"
	languageQ4File      = "onnx/decoder_model_merged_q4.onnx"
	tokenizerConfigFile = "tokenizer_config.json"
)

// SmolLM2GGUF converts a GGUF file of the Llama architecture with a byte-level vocabulary of kind
// "smollm" into the folder outDir, in the contract of the SmolVLM exports:
//
//   - onnx/embed_tokens.onnx: input_ids i64[batch, n] → inputs_embeds f32[batch, n, width].
//   - onnx/decoder_model_merged.onnx: inputs_embeds, attention_mask i64[batch, past+n],
//     position_ids i64[batch, n], num_logits_to_keep i64[], past_key_values.N.{key,value}
//     f32[batch, kv heads, past, size] → logits f32[batch, kept, vocabulary] of that many last
//     tokens (0: of all), present.N.{key,value}. Past and present may be the same memory with room
//     for more tokens: the length of the past is that of attention_mask less n. Weights are widened
//     to float32 exactly as the file defines them.
//   - the same two with the suffix _q4: matrices that the file stores in Q4_0, Q4_1 or Q8_0 keep
//     their stored blocks and are multiplied by activations of 8 bits, the arithmetic of llama.cpp.
//     The operator for it is the runtime's own (MatMulNBits).
//   - config.json, generation_config.json, tokenizer.json, tokenizer_config.json with the chat
//     template, LICENCE.txt.
//
// The context stops the conversion between chunks of 1 MiB. Errors wrap ErrUnsupported,
// ErrVocabulary, gguf.ErrKey, the sentinels of package ggml, onnx.ErrTooLarge, or an error of the
// file system; each names the file and the field.
func SmolLM2GGUF(ctx context.Context, ggufPath, outDir string, progress func(done, total int64)) error {
	return convertFile(ctx, ggufPath, outDir, progress, gguf.Read, llamaOutput)
}

// llamaOutput lays out all files of one model.
func llamaOutput(f *gguf.File, weights weightFile) (*output, error) {
	shape, err := readLlama(f)
	if err != nil {
		return nil, err
	}
	tokens, err := readLlamaTokens(f, shape)
	if err != nil {
		return nil, err
	}
	build := func(packed bool, part func(*llamaNet) (*onnx.Model, error)) func() (*onnx.Model, error) {
		return func() (*onnx.Model, error) { return part(newLlamaNet(f, weights, shape, packed)) }
	}
	out := &output{}
	err = out.graphFiles([]graphFile{
		{embedFile, build(false, (*llamaNet).embedder)},
		{languageFile, build(false, (*llamaNet).decoder)},
		{embedQ4File, build(true, (*llamaNet).embedder)},
		{languageQ4File, build(true, (*llamaNet).decoder)},
	})
	if err != nil {
		return nil, err
	}
	err = out.jsonFiles([]jsonFile{
		{configFile, shape.config(tokens)},
		{generationFile, tokens.generation()},
		{tokenizerFile, tokens.tokenizer()},
		{tokenizerConfigFile, tokens.config(shape)},
	})
	if err != nil {
		return nil, err
	}
	licence, err := f.Text("general.license")
	if err != nil {
		licence = "not stated in the file"
	}
	out.text(licenceFile, fmt.Appendf(nil, "Weights, vocabulary and chat template come from the GGUF file beside this folder's contents; its licence field says: %s.\n"+
		"They were converted to ONNX without retraining.\n", licence))
	return out, nil
}
