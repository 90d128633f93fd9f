package engine

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Config says which models a persona runs on. The ids are those of the catalog; none has a default.
type Config struct {
	// Path returns where a file of an installed model is. It is called while the models are opened.
	Path func(id, file string) (string, error)
	// Base is the id of the language model, Files holds its files. Remote is one behind a server, in
	// the place of Files; ears and voice stay here. Two configurations of one id share the model; one
	// without an id shares it with nobody.
	Base   string
	Files  fs.FS
	Remote *RemoteConfig
	// Variant is the suffix of the language graphs in Files, for example "_q4"; see
	// generate.GraphSource for none.
	Variant string
	// NoVision leaves the eyes out: nothing is shown to the model.
	NoVision bool
	// Sound gives a model in this process that hears the sound of a spoken question, beside what the
	// ears understood of it.
	Sound bool
	// AnswerTokens bounds one answer, what the model thinks included; 0 means 96 for a model in this
	// process and 512 for one behind a server. A model's window bounds it too.
	AnswerTokens int
	// Begins says how the model's answers begin. Where that is not known, the chat template of a model
	// in this process says it, and the first answer of a model behind a server is held back until it
	// has ended.
	Begins answer.Beginning
	// Special are tokens that the model leaves in its text, beside the usual ones; people do not see
	// them.
	Special []string
	// Voice is the specification of the voice, for example "piper:en_US-joe-medium".
	Voice string
	// Detector, Interim and Final are the ids of what finds speech, of the fast ear and of the
	// accurate one.
	Detector, Interim, Final string
	// Runtime is the id of the inference library that the models need.
	Runtime string
	// Provider is where models run; nothing stands in for it.
	Provider ort.Provider
	Device   int
	// Loaded is called, from several goroutines, when a part is ready.
	Loaded func(part string, took time.Duration)
}

// RemoteConfig is a model behind a server.
type RemoteConfig struct {
	Server remote.Config
	// Model is the server's name of the model; Context its window in tokens, as the catalog declares it.
	Model   string
	Context int
	// Picture says how pictures are sent.
	Picture remote.PictureOptions
	// MaxTokensField is as in remote.Request.
	MaxTokensField string
	// Temperature is sent when it is set.
	Temperature *float64
}

// Tokens of one answer at most, where the configuration says nothing: a minute of speech at most here,
// on the processor; a server is fast, and what many of its models think counts too.
const (
	localAnswer  = 96
	remoteAnswer = 512
)

func ignore(string, time.Duration) {}

func (c *Config) validate() error {
	if c.Loaded == nil {
		c.Loaded = ignore
	}
	for _, d := range []struct{ name, value string }{
		{"Voice", c.Voice}, {"Detector", c.Detector}, {"Interim", c.Interim}, {"Final", c.Final}, {"Runtime", c.Runtime},
	} {
		if d.value == "" {
			return fmt.Errorf("%w: %s", ErrConfig, d.name)
		}
	}
	switch {
	case c.AnswerTokens < 0:
		return fmt.Errorf("%w: answer tokens %d, want 1 or more, or 0 for the default", ErrConfig, c.AnswerTokens)
	case c.AnswerTokens == 0 && c.Remote != nil:
		c.AnswerTokens = remoteAnswer
	case c.AnswerTokens == 0:
		c.AnswerTokens = localAnswer
	}
	if c.Path == nil || (c.Files == nil) == (c.Remote == nil) {
		return fmt.Errorf("%w: Path, and one of Files and Remote", ErrConfig)
	}
	if c.Sound && c.Remote != nil {
		return fmt.Errorf("%w: a model behind a server is given no sound", ErrConfig)
	}
	return nil
}

// place is where the models run.
func (c *Config) place() place {
	if c.Provider == ort.CUDA {
		return place{compute.SiliconGPU}
	}
	return place{compute.SiliconCPU}
}

// Keys tell parts apart: what has the same key is the same part.
type (
	detectorKey struct{ id string }
	interimKey  struct{ id string }
	finalKey    struct {
		id       string
		provider ort.Provider
		device   int
	}
	voiceKey struct {
		voice    string
		provider ort.Provider
		device   int
	}
	baseKey struct{ as string }
)

// baseKey is everything that a language model is loaded by. What has no id is like nothing else.
func (c *Config) baseKey() (any, error) {
	if c.Base == "" {
		return new(baseKey), nil
	}
	as, err := json.Marshal(struct {
		ID, Variant     string
		NoVision, Sound bool
		Begins          answer.Beginning
		Special         []string
		Provider        ort.Provider
		Device          int
		Remote          *RemoteConfig
	}{c.Base, c.Variant, c.NoVision, c.Sound, c.Begins, c.Special, c.Provider, c.Device, c.Remote})
	return baseKey{string(as)}, err
}

// Places are how many calls the model's provider takes at once; none for a model in this process.
func (c *Config) Places() map[string]int64 {
	if c.Remote == nil {
		return nil
	}
	return map[string]int64{c.Remote.Server.Provider: int64(c.Remote.Server.Places())}
}
