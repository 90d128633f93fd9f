package generate

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Options of a model.
type Options struct {
	ort.Options
	// Variant is the suffix of the graph files, for example "_fp16" or "_q4"; empty takes the plain
	// ones, as [GraphSource] says.
	Variant string
	// Context lowers the window of the model, in tokens; 0 takes the model's own.
	Context int
	// Chunk is how many prompt tokens one run takes, which bounds the memory for their scores; 0
	// chooses it.
	Chunk int
}

// How many prompt tokens one run takes. Where the graph computes scores for the last of them only,
// the limit is what attention needs for heads × chunk × window numbers; elsewhere it is the memory
// of all scores, 32 MiB of float32.
const (
	chunkTokens  = 1024
	scoresPerRun = 8 << 20
)

// Model is a loaded language model with its tokenizer and template.
type Model struct {
	cfg       config
	template  *template
	tokens    *tokenizer.Tokenizer
	imageText string // the image token as the template writes it; empty where the model takes no images
	audioText string // the same for sound
	around    surroundings
	stop      map[int]bool
	written   map[int]bool // special tokens that have text
	begins    answer.Beginning
	traits    prompt.Traits // without the window
	embed     embedder
	decode    decoder
	move      movers
	hidden    int
	vocab     int
	heads     int
	headDim   int
	window    int
	chunk     int
	device    bool         // kernels run on a device: what need not be seen here stays there
	seed      maphash.Seed // of what identifies image features in a cache
	unnamed   atomic.Uint64

	mu     sync.RWMutex // held for reading by every call, for writing by Close
	closed bool
}

// Open loads a model from a folder: see [Dir] for one on disk. It returns a [*FileError] for what
// is missing or does not fit, and the errors of [ort.Runtime.Load].
func Open(ctx context.Context, rt *ort.Runtime, fsys fs.FS, opt Options) (*Model, error) {
	m, err := readModel(fsys)
	if err != nil {
		return nil, err
	}
	sessions := make([]*ort.Session, 2)
	var facts graphFacts
	for i, graph := range []string{graphEmbed, graphDecoder} {
		src, err := GraphSource(fsys, graph, opt.Variant)
		if err == nil && graph == graphDecoder {
			facts, err = readFacts(&src)
		}
		if err == nil {
			sessions[i], err = rt.Load(ctx, src, opt.Options)
		}
		if err != nil {
			if i > 0 {
				err = errors.Join(err, sessions[0].Close())
			}
			return nil, err
		}
	}
	if err = m.attach(sessions[0], sessions[1], facts, opt); err == nil {
		m.device = opt.Provider != ort.CPU
		m.move, err = newMovers(ctx, rt, m, opt.Options)
	}
	if err != nil {
		return nil, errors.Join(err, sessions[0].Close(), sessions[1].Close())
	}
	return m, nil
}

// readModel reads everything but the graphs.
func readModel(fsys fs.FS) (*Model, error) {
	cfg, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, stop: map[int]bool{}, seed: maphash.MakeSeed()}
	data, found, err := readFile(fsys, fileTokenizer)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, &FileError{Kind: ErrFile, File: fileTokenizer, Detail: "missing"}
	}
	if m.tokens, err = tokenizer.Parse(data); err != nil {
		return nil, &FileError{Kind: ErrField, File: fileTokenizer, Err: err}
	}
	m.written = structural(m.tokens)
	for _, id := range cfg.stop {
		if _, ok := m.tokens.Token(id); !ok {
			return nil, &FileError{Kind: ErrField, File: fileGeneration, Field: "eos_token_id", Detail: fmt.Sprintf("%d is no token of %s", id, fileTokenizer)}
		}
		m.stop[id] = true
	}
	if m.imageText, err = m.placeholderText("image_token_id", cfg.imageToken); err != nil {
		return nil, err
	}
	if m.audioText, err = m.placeholderText("audio_token_id", cfg.audioToken); err != nil {
		return nil, err
	}
	if m.template, err = readTemplate(fsys, cfg.modelType); err != nil {
		return nil, err
	}
	m.begins = m.template.begins
	if cfg.modelType == familyGemma3n {
		if err := m.readSurroundings(fsys); err != nil {
			return nil, err
		}
	}
	within := true
	if m.imageText != "" {
		if err := m.template.probeOne("an image", m.imageText, prompt.Message{Role: prompt.User, Parts: []prompt.Part{Image{}}}); err != nil {
			return nil, err
		}
		within = m.template.probeWithin(m.imageText, Image{})
	}
	if m.audioText != "" {
		if err := m.template.probeOne("a clip", m.audioText, prompt.Message{Role: prompt.User, Parts: []prompt.Part{Audio{}}}); err != nil {
			return nil, err
		}
		within = m.template.probeWithin(m.audioText, Audio{}) && within
	}
	m.template.within = within
	if m.traits, err = m.readTraits(); err != nil {
		return nil, &FileError{Kind: ErrField, File: m.template.file, Field: "chat_template", Detail: "cannot be measured", Err: err}
	}
	return m, nil
}

// Specials are the special tokens of the tokenizer: what package answer takes out of answers,
// beside the marks of all models.
func (m *Model) Specials() []string { return m.tokens.Specials() }

// Begins says how answers begin: answer.Thinking where the chat template opens a thought for the
// model, answer.Plain elsewhere.
func (m *Model) Begins() answer.Beginning { return m.begins }

// placeholderText is how the tokenizer writes the token that a field of config.json names; empty
// where it names none.
func (m *Model) placeholderText(field string, id int) (string, error) {
	if id < 0 {
		return "", nil
	}
	text, ok := m.tokens.Token(id)
	if !ok {
		return "", &FileError{Kind: ErrField, File: fileConfig, Field: field, Detail: fmt.Sprintf("%d is no token of %s", id, fileTokenizer)}
	}
	return text, nil
}

// attach checks that graphs and files belong together.
func (m *Model) attach(embed, decode *ort.Session, facts graphFacts, opt Options) error {
	var err error
	if m.embed, err = newEmbedder(embed); err != nil {
		return err
	}
	if m.decode, err = newDecoder(decode, facts, m.embed.extras); err != nil {
		return err
	}
	if err := m.decode.fitProvider(opt.Provider); err != nil {
		return err
	}
	if err := m.fitExtras(); err != nil {
		return err
	}
	if err = m.checkAxes(); err != nil {
		return err
	}
	if m.hidden, err = settle("hidden_size", m.decode.hidden, m.embed.hidden); err != nil {
		return err
	}
	if m.vocab, err = settle("vocab_size", m.decode.vocab, m.cfg.vocab); err != nil {
		return err
	}
	if m.heads, err = settle("num_key_value_heads", m.decode.heads, m.cfg.kvHeads); err != nil {
		return err
	}
	if m.headDim, err = settle("head_dim", m.decode.headDim, m.cfg.headDim); err != nil {
		return err
	}
	if err := m.fitLayers(); err != nil {
		return err
	}
	if m.tokens.Size() > m.vocab {
		return &FileError{Kind: ErrGraph, File: fileTokenizer, Detail: fmt.Sprintf("%d tokens, the graph has scores for %d", m.tokens.Size(), m.vocab)}
	}
	m.window = m.cfg.context
	if opt.Context > 0 {
		m.window = min(m.window, opt.Context)
	}
	m.chunk = opt.Chunk
	if m.chunk <= 0 {
		m.chunk = min(max(scoresPerRun/m.vocab, 16), chunkTokens)
		if m.decode.keep >= 0 || m.decode.lastRow {
			m.chunk = chunkTokens
		}
	}
	return nil
}

// Window is the number of tokens that prompt and answer may have together.
func (m *Model) Window() int { return m.window }

// Vision reports whether the model takes images.
func (m *Model) Vision() bool { return m.cfg.imageToken >= 0 }

// Hearing reports whether the model takes sound.
func (m *Model) Hearing() bool { return m.cfg.audioToken >= 0 }

// Clip is the number of tokens of a clip; 0 where the model takes no sound.
func (m *Model) Clip() int { return m.cfg.perClip }

// Hidden is the width of one token of image or audio features.
func (m *Model) Hidden() int { return m.hidden }

// Tokenizer is the model's tokenizer.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tokens }

// Prompt returns the token ids of a conversation, image tokens included, without computing
// anything. Errors as [Model.Generate].
func (m *Model) Prompt(messages []prompt.Message) ([]int, error) {
	p, err := m.preparePrompt(messages)
	if err != nil {
		return nil, err
	}
	return p.ids, nil
}

// PromptTokens counts them.
func (m *Model) PromptTokens(messages []prompt.Message) (int, error) {
	ids, err := m.Prompt(messages)
	return len(ids), err
}

// Close waits for running calls and releases both graphs. Caches of the model may be closed before
// or after.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	return errors.Join(m.embed.session.Close(), m.decode.session.Close(), m.move.close())
}
