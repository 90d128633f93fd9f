// Package generate writes answers: it turns messages and features of images and sound into text
// with a language model in the ONNX layout of SmolVLM/Idefics3, of the Qwen VL family or of Gemma
// 3n, token by token.
//
// In: a folder of model files (config.json, tokenizer.json, a chat template, embed_tokens and
// decoder_model_merged) and, per prompt.Request, messages with [Image] and [Audio] features. Out:
// pieces of text as they are generated, each valid UTF-8, and a prompt.Result. The encoders of
// images and sound are not part of this package: features come in ready.
//
// Everything about a model is read from its files: token ids, chat template, image tokens, stop
// tokens, window; names, shapes and element types of tensors come from the loaded graphs. What is
// missing is an error that names file and field.
//
// # Ownership and goroutines
//
// A [Model] owns its two sessions and may be used from any number of goroutines; every call has its
// own key/value cache. A [PromptCache] keeps those keys and values from one call to the next, so
// that a prompt that begins like the last one is not computed again; it belongs to one persona and
// is used by one call at a time. emit is called on the goroutine of [Model.Generate]. The package
// starts no goroutine.
//
// # Memory
//
// Key and value buffers are allocated for prompt and answer together before the first step, and
// nothing grows per token. A graph whose attention can append to its cache (GroupQueryAttention)
// writes new tokens where they belong; for other graphs there are two sets of buffers, and a step
// reads one and writes the other. [PromptCache.Bytes] says how much that is, and
// [PromptCache.Reserve] has somebody asked before it is taken.
package generate
