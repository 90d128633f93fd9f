package generate

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// familyGemma3n is the model_type of models that see and hear: their prompt expands to a fixed
// number of tokens for each image and each clip between marks and blank lines, their embedding
// graph has inputs for every layer of the decoder, and their last layers have no keys and values of
// their own. The contract of files and graphs is that of transformers.js (src/models/gemma3n) and
// of the publisher's processor (processing_gemma3n.py).
const familyGemma3n = "gemma3n"

// fileTokenizerConfig names the marks around images and clips.
const fileTokenizerConfig = "tokenizer_config.json"

// readGemma3n adds the tokens of images and clips.
func (c *config) readGemma3n(fsys fs.FS, f configFile) error {
	if f.AudioTokenID != nil {
		c.audioToken = *f.AudioTokenID
	}
	if c.layers > 0 && c.shared >= c.layers {
		return &FileError{Kind: ErrField, File: fileConfig, Field: "text_config.num_kv_shared_layers", Detail: fmt.Sprintf("%d of %d layers", c.shared, c.layers)}
	}
	if c.imageToken >= 0 && c.imageToken == c.audioToken {
		return &FileError{Kind: ErrField, File: fileConfig, Field: "audio_token_id", Detail: fmt.Sprintf("%d is image_token_id too", c.audioToken)}
	}
	var p struct {
		PerImage int `json:"image_seq_length"`
		PerClip  int `json:"audio_seq_length"`
	}
	if _, err := readJSON(fsys, fileProcessor, &p); err != nil {
		return err
	}
	const most = 1 << 16 // tokens; what is meant is 256 and 188
	for _, count := range []struct {
		field string
		value int
		token int
		into  *int
	}{{"image_seq_length", p.PerImage, c.imageToken, &c.perImage}, {"audio_seq_length", p.PerClip, c.audioToken, &c.perClip}} {
		switch {
		case count.token < 0:
			continue
		case count.value == 0:
			return missing(fileProcessor, count.field)
		case count.value < 0 || count.value > most:
			return &FileError{Kind: ErrField, File: fileProcessor, Field: count.field, Detail: fmt.Sprint(count.value)}
		}
		*count.into = count.value
	}
	return nil
}

// surroundings are what stands around the tokens of images and clips.
type surroundings struct{ image, clip marks }

// marks are the tokens before and behind.
type marks struct{ begin, end string }

// write writes the tokens of one image or clip, set off by blank lines.
func (k marks) write(b *strings.Builder, token string, count int) {
	b.WriteString("\n\n" + k.begin + strings.Repeat(token, count) + k.end + "\n\n")
}

// readSurroundings takes the marks from tokenizer_config.json. Each must be a token, and the
// placeholders those of config.json.
func (m *Model) readSurroundings(fsys fs.FS) error {
	var names map[string]json.RawMessage
	if _, err := readJSON(fsys, fileTokenizerConfig, &names); err != nil {
		return err
	}
	if err := named(names); err != nil {
		return &FileError{Kind: ErrField, File: fileTokenizerConfig, Err: err}
	}
	for _, kind := range []struct {
		placeholder, text, begin, end string
		into                          *marks
	}{
		{"image_token", m.imageText, "boi_token", "eoi_token", &m.around.image},
		{"audio_token", m.audioText, "boa_token", "eoa_token", &m.around.clip},
	} {
		if kind.text == "" {
			continue
		}
		for _, mark := range []struct {
			field string
			into  *string
		}{{kind.placeholder, nil}, {kind.begin, &kind.into.begin}, {kind.end, &kind.into.end}} {
			text, err := m.tokenNamed(names, mark.field)
			if err != nil {
				return err
			}
			if mark.into != nil {
				*mark.into = text
			} else if text != kind.text {
				detail := fmt.Sprintf("%q, where %s has %q", text, fileConfig, kind.text)
				return &FileError{Kind: ErrField, File: fileTokenizerConfig, Field: mark.field, Detail: detail}
			}
		}
	}
	return nil
}

// tokenNamed is the token that a field of tokenizer_config.json names.
func (m *Model) tokenNamed(names map[string]json.RawMessage, field string) (string, error) {
	text, err := tokenText(names[field])
	switch {
	case err != nil:
		return "", &FileError{Kind: ErrField, File: fileTokenizerConfig, Field: field, Err: err}
	case text == "":
		return "", missing(fileTokenizerConfig, field)
	}
	if _, ok := m.tokens.ID(text); !ok {
		return "", &FileError{Kind: ErrField, File: fileTokenizerConfig, Field: field, Detail: fmt.Sprintf("%q is no token of %s", text, fileTokenizer)}
	}
	return text, nil
}

// expandClips replaces every placeholder of a clip by its tokens.
func (m *Model) expandClips(text string, count int) (string, error) {
	out, found := expand(text, m.audioText, count, func(b *strings.Builder, _ int) { m.around.clip.write(b, m.audioText, m.cfg.perClip) })
	if found != count {
		return "", fmt.Errorf("%w: %d placeholders, %d clips", ErrAudioCount, found, count)
	}
	return out, nil
}

// heardAsImages holds clips as images of one tile: what becomes of their features is the same.
func heardAsImages(clips []Audio) []Image {
	images := make([]Image, len(clips))
	for i, c := range clips {
		images[i] = Image{Features: c.Features, Tokens: c.Tokens, Hidden: c.Hidden}
	}
	return images
}

// fitExtras checks that the decoder takes each extra output of the embedding graph, and settles
// dimensions that one of the graphs leaves free.
func (m *Model) fitExtras() error {
	for k := range m.embed.extras {
		x := &m.embed.extras[k]
		if m.decode.extras[k] < 0 {
			return graphError(graphEmbed, x.name, "the decoder has no input of this name")
		}
		in := m.decode.session.Inputs()[m.decode.extras[k]]
		if in.Type != x.kind || len(in.Shape) != 2+len(x.dims) {
			return graphError(graphDecoder, in.Name, "%v%v, where %s.onnx makes %v of %d dimensions", in.Type, in.Shape, graphEmbed, x.kind, 2+len(x.dims))
		}
		known := make([]int64, len(x.dims))
		if in.Name == "per_layer_inputs" && len(known) == 2 {
			known[0], known[1] = int64(m.cfg.layers), int64(m.cfg.perLayer)
		}
		for d, dim := range in.Shape[2:] {
			for _, other := range []int64{dim, known[d]} {
				switch {
				case x.dims[d] < 1:
					x.dims[d] = other
				case other > 0 && other != x.dims[d]:
					return graphError(graphDecoder, in.Name, "dimension %d is %d in one place and %d in another", 2+d, x.dims[d], other)
				}
			}
			if x.dims[d] < 1 {
				return graphError(graphDecoder, in.Name, "dimension %d is free in both graphs", 2+d)
			}
		}
	}
	return nil
}

// fitLayers compares the graph's keys and values with the configuration: each layer has them, or
// each but those that share others'.
func (m *Model) fitLayers() error {
	layers := len(m.decode.past) / 2
	if m.cfg.layers == 0 || layers == m.cfg.layers || layers == m.cfg.layers-m.cfg.shared {
		return nil
	}
	detail := fmt.Sprintf("num_hidden_layers is %d in %s", m.cfg.layers, fileConfig)
	if m.cfg.shared > 0 {
		detail += fmt.Sprintf(", num_kv_shared_layers %d", m.cfg.shared)
	}
	return graphError(graphDecoder, "", "%s, and the graph has keys and values of %d", detail, layers)
}
