package smolvlm

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrTokenizer means that the tokenizer.json handed in does not have SmolLM2's vocabulary.
var ErrTokenizer = errors.New("tokenizer without the vocabulary of SmolLM2")

// Special tokens of SmolVLM-256M and their ids, from its tokenizer and config.json. They follow
// SmolLM2's vocabulary.
const (
	textVocab  = 49152
	idGlobal   = 49152 // <global-img>; then <row_1_col_1> … <row_6_col_6>
	idFake     = 49189
	idImage    = 49190
	idUtterEnd = 49279
	rowsNamed  = 6
)

// template is the model's chat template.
const template = "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}" +
	"{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}" +
	"{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}" +
	"<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"

// special lists the added tokens by id, from textVocab on.
func special() []string {
	list := []string{"<global-img>"}
	for row := 1; row <= rowsNamed; row++ {
		for col := 1; col <= rowsNamed; col++ {
			list = append(list, fmt.Sprintf("<row_%d_col_%d>", row, col))
		}
	}
	list = append(list, "<fake_token_around_image>", "<image>")
	for i := 0; textVocab+len(list) < idUtterEnd; i++ {
		list = append(list, fmt.Sprintf("<|reserved_special_token_%d|>", i))
	}
	return append(list, "<end_of_utterance>")
}

// addedToken is an entry of added_tokens.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	Lstrip     bool   `json:"lstrip"`
	Rstrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// tokenizer adds the special tokens to SmolLM2's tokenizer.json.
func tokenizer(base []byte) ([]byte, error) {
	var file map[string]json.RawMessage
	if err := json.Unmarshal(base, &file); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenizer, err)
	}
	var model struct {
		Vocab map[string]int `json:"vocab"`
	}
	var added []addedToken
	if err := errors.Join(json.Unmarshal(file["model"], &model), json.Unmarshal(file["added_tokens"], &added)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenizer, err)
	}
	if len(model.Vocab) != textVocab {
		return nil, fmt.Errorf("%w: %d tokens instead of %d", ErrTokenizer, len(model.Vocab), textVocab)
	}
	for i, content := range special() {
		added = append(added, addedToken{ID: textVocab + i, Content: content, Special: true})
	}
	var err error
	if file["added_tokens"], err = json.Marshal(added); err != nil {
		return nil, err
	}
	return json.Marshal(file)
}

// StandIn is a tokenizer.json with as many tokens as SmolLM2's: single bytes and numbered words. It
// is for measurements on a machine where the real vocabulary is not at hand; texts take more tokens
// with it.
func StandIn() ([]byte, error) {
	vocab := map[string]int{"<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2}
	added := []addedToken{{ID: 0, Content: "<|endoftext|>", Special: true}, {ID: 1, Content: "<|im_start|>", Special: true}, {ID: 2, Content: "<|im_end|>", Special: true}}
	moved := rune(256)
	for b := range rune(256) {
		visible := b > ' ' && b < 0x7f || b > 0xa0 && b != 0xad
		if !visible {
			vocab[string(moved)] = len(vocab)
			moved++
			continue
		}
		vocab[string(b)] = len(vocab)
	}
	for i := 0; len(vocab) < textVocab; i++ {
		vocab[fmt.Sprintf("Ġword%d", i)] = len(vocab)
	}
	byteLevel := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	return json.Marshal(map[string]any{
		"version": "1.0", "added_tokens": added, "pre_tokenizer": byteLevel, "decoder": byteLevel,
		"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}},
	})
}

// documents are the small files, by name.
func documents(s Shape) map[string]any {
	return map[string]any{
		"config.json": map[string]any{
			"architectures": []string{"Idefics3ForConditionalGeneration"}, "model_type": "idefics3", "image_token_id": idImage,
			"scale_factor": shuffle, "tie_word_embeddings": false, "pad_token_id": 2, "vocab_size": Vocab, "dtype": "float32",
			"text_config": map[string]any{
				"model_type": "llama", "architectures": []string{"LlamaForCausalLM"}, "hidden_size": Hidden, "intermediate_size": inner,
				"num_hidden_layers": s.TextLayers, "num_attention_heads": heads, "num_key_value_heads": kvHeads, "head_dim": headSize,
				"vocab_size": Vocab, "max_position_embeddings": Context, "rms_norm_eps": epsilon, "rope_theta": ropeBase,
				"hidden_act": "silu", "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2,
			},
			"vision_config": map[string]any{
				"model_type": "idefics3_vision", "hidden_size": visionWidth, "intermediate_size": visionInner, "num_hidden_layers": s.VisionLayers,
				"num_attention_heads": visionHeads, "image_size": Tile, "patch_size": patch, "hidden_act": "gelu_pytorch_tanh",
				"layer_norm_eps": visionEpsilon, "num_channels": 3,
			},
		},
		"generation_config.json": map[string]any{"bos_token_id": 0, "eos_token_id": idUtterEnd, "pad_token_id": 2},
		"processor_config.json":  map[string]any{"image_seq_len": Tokens, "processor_class": "Idefics3Processor"},
		"preprocessor_config.json": map[string]any{
			"image_processor_type": "Idefics3ImageProcessor", "processor_class": "Idefics3Processor", "do_convert_rgb": true, "do_resize": true,
			"size": map[string]any{"longest_edge": longestEdge}, "resample": 1, "do_rescale": true, "rescale_factor": 1. / 255,
			"do_normalize": true, "image_mean": []float64{.5, .5, .5}, "image_std": []float64{.5, .5, .5}, "do_pad": true,
			"do_image_splitting": true, "max_image_size": map[string]any{"longest_edge": Tile},
		},
		"tokenizer_config.json": map[string]any{
			"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|im_start|>", "eos_token": "<end_of_utterance>", "pad_token": "<|im_end|>",
			"model_max_length": Context, "clean_up_tokenization_spaces": false,
		},
	}
}

// Preprocessor is the text of the model's preprocessor_config.json.
func Preprocessor() ([]byte, error) {
	return json.MarshalIndent(documents(Shape{})["preprocessor_config.json"], "", " ")
}
