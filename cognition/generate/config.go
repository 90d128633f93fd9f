package generate

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
)

// The names of the files in a model folder.
const (
	fileConfig     = "config.json"
	fileGeneration = "generation_config.json"
	fileProcessor  = "processor_config.json"
	fileTokenizer  = "tokenizer.json"
	graphEmbed     = "embed_tokens"
	graphDecoder   = "decoder_model_merged"
)

// defaultContext is the window of a model whose config.json states none: the default of
// max_position_embeddings in the published Llama configuration.
const defaultContext = 2048

// defaultMaxTokens bounds an answer where neither the request nor generation_config.json does.
const defaultMaxTokens = 256

// config is what the JSON files say.
type config struct {
	modelType  string
	imageToken int  // -1 where the model takes no images
	grids      bool // its pictures lie in grids, and positions have three axes
	perImage   int  // tokens per tile; 0 where no file says
	audioToken int  // -1 where the model takes no sound
	perClip    int  // tokens per clip; 0 where the model takes no sound
	vocab      int  // 0 where no file says
	layers     int
	shared     int // of the layers, at the end, those that use keys and values of layers before them
	perLayer   int // width of a token's inputs of one layer; 0 where the model has none
	kvHeads    int
	headDim    int
	context    int
	maxTokens  int
	stop       []int
}

// tokenIDs is one id or a list of them.
type tokenIDs []int

// UnmarshalJSON accepts both forms and null.
func (t *tokenIDs) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]int)(t))
	}
	if string(data) == "null" {
		return nil
	}
	var one int
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*t = tokenIDs{one}
	return nil
}

// textFile mirrors the fields of a language model's configuration.
type textFile struct {
	HiddenSize int      `json:"hidden_size"`
	Layers     int      `json:"num_hidden_layers"`
	Shared     int      `json:"num_kv_shared_layers"`
	PerLayer   int      `json:"hidden_size_per_layer_input"`
	Heads      int      `json:"num_attention_heads"`
	KVHeads    int      `json:"num_key_value_heads"`
	HeadDim    int      `json:"head_dim"`
	Vocab      int      `json:"vocab_size"`
	Context    int      `json:"max_position_embeddings"`
	Stop       tokenIDs `json:"eos_token_id"`
}

// configFile mirrors config.json: a language model, or a wrapper with one inside.
type configFile struct {
	textFile
	ModelType       string    `json:"model_type"`
	ImageTokenID    *int      `json:"image_token_id"`
	ImageTokenIndex *int      `json:"image_token_index"`
	AudioTokenID    *int      `json:"audio_token_id"`
	Text            *textFile `json:"text_config"`
}

// readConfig reads and checks the JSON files.
func readConfig(fsys fs.FS) (config, error) {
	var f configFile
	found, err := readJSON(fsys, fileConfig, &f)
	if err != nil {
		return config{}, err
	}
	if !found {
		return config{}, &FileError{Kind: ErrFile, File: fileConfig, Detail: "missing"}
	}
	text, prefix := f.textFile, ""
	if f.Text != nil {
		text, prefix = *f.Text, "text_config."
	}
	c := config{
		modelType: f.ModelType, imageToken: -1, audioToken: -1, vocab: text.Vocab, layers: text.Layers, shared: text.Shared, perLayer: text.PerLayer,
		kvHeads: text.KVHeads, headDim: text.HeadDim, context: text.Context,
	}
	if f.ModelType == "" {
		return config{}, missing(fileConfig, "model_type")
	}
	for _, id := range []*int{f.ImageTokenIndex, f.ImageTokenID} {
		if id != nil {
			c.imageToken = *id
		}
	}
	if c.grids = slices.Contains(gridFamilies(), c.modelType); c.grids && c.imageToken < 0 {
		return config{}, missing(fileConfig, "image_token_id")
	}
	if c.headDim == 0 && text.Heads > 0 {
		c.headDim = text.HiddenSize / text.Heads
	}
	if c.context == 0 {
		c.context = defaultContext
	}
	for _, bound := range []struct {
		name  string
		value int
	}{{"max_position_embeddings", c.context}, {"vocab_size", c.vocab}, {"num_hidden_layers", c.layers}, {"num_key_value_heads", c.kvHeads}, {"head_dim", c.headDim}, {"num_kv_shared_layers", c.shared}, {"hidden_size_per_layer_input", c.perLayer}} {
		if bound.value < 0 || bound.value > 1<<24 {
			return config{}, &FileError{Kind: ErrField, File: fileConfig, Field: prefix + bound.name, Detail: fmt.Sprint(bound.value)}
		}
	}
	if err := c.readGeneration(fsys, f, text); err != nil || f.ModelType != familyGemma3n {
		return c, err
	}
	return c, c.readGemma3n(fsys, f)
}

// missing is the error for an absent field.
func missing(file, field string) error {
	return &FileError{Kind: ErrField, File: file, Field: field, Detail: "missing"}
}

// readGeneration adds what the smaller files say.
func (c *config) readGeneration(fsys fs.FS, f configFile, text textFile) error {
	var g struct {
		Stop      tokenIDs `json:"eos_token_id"`
		MaxTokens int      `json:"max_new_tokens"`
	}
	if _, err := readJSON(fsys, fileGeneration, &g); err != nil {
		return err
	}
	for _, ids := range []tokenIDs{g.Stop, f.Stop, text.Stop} {
		if len(ids) > 0 {
			c.stop = ids
			break
		}
	}
	if len(c.stop) == 0 {
		return missing(fileGeneration, "eos_token_id")
	}
	c.maxTokens = g.MaxTokens
	if c.maxTokens <= 0 {
		c.maxTokens = defaultMaxTokens
	}
	var p struct {
		PerImage int `json:"image_seq_len"`
	}
	if _, err := readJSON(fsys, fileProcessor, &p); err != nil {
		return err
	}
	c.perImage = p.PerImage
	return nil
}
