package engine

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/tts"
)

// Config says which models a persona runs on: a resolution, taken as it is, and what the catalog
// says of its base model.
type Config struct {
	// Resolution names every part: what it names is loaded, and nothing else.
	Resolution model.Resolution
	// Path returns where a file of an installed model is. It is called while the models are opened.
	Path func(id, file string) (string, error)
	// Files holds the files of the base model. Remote is one behind a server, in the place of
	// Files; ears and voice stay here.
	Files  fs.FS
	Remote *RemoteConfig
	// Variant is the suffix of the language graphs in Files, for example "_q4"; see
	// generate.GraphSource for none.
	Variant string
	// Sound gives a model in this process that hears the sound of a spoken question, beside what
	// the ears understood of it.
	Sound bool
	// Begins says how the model's answers begin. Where that is not known, the chat template of a
	// model in this process says it, and the first answer of a model behind a server is held back
	// until it has ended.
	Begins answer.Beginning
	// Special are tokens that the model leaves in its text, beside the usual ones; people do not
	// see them.
	Special []string
	// Voice is what somebody chose: of the resolution's voice a style, or one that needs no model.
	// Zero is the resolution's own.
	Voice tts.Choice
	// AnswerTokens bounds one answer, what the model thinks included; 0 means 96 for a model in
	// this process and 512 for one behind a server. A model's window bounds it too.
	AnswerTokens int
	// Loaded is called, from several goroutines, when a part is ready.
	Loaded func(part string, took time.Duration)
}

// RemoteConfig is a model behind a server.
type RemoteConfig struct {
	Server remote.Config
	// Model is the server's name of the model; Context its window in tokens, as the catalog
	// declares it.
	Model   string
	Context int
	// Picture says how pictures are sent.
	Picture remote.PictureOptions
	// MaxTokensField is as in remote.Request.
	MaxTokensField string
	// Temperature is sent when it is set.
	Temperature *float64
}

// Families of voice detectors, and of what hears the end of a turn.
const (
	detectorFamily = "silero"
	turnFamily     = "smart-turn"
)

// Tokens of one answer at most, where the configuration says nothing: a minute of speech at most
// here, on the processor; a server is fast, and what many of its models think counts too.
const (
	localAnswer  = 96
	remoteAnswer = 512
)

func ignore(string, time.Duration) {}

func (c *Config) validate() error {
	if c.Loaded == nil {
		c.Loaded = ignore
	}
	if c.Remote != nil { // what is filled in is not the caller's, who may open others with the same
		own := *c.Remote
		c.Remote = &own
	}
	if c.Voice.IsZero() {
		part := c.Resolution.Voice
		voice, err := tts.Installed(part.Family, part.ID, part.Files)
		if err != nil {
			return &PartError{Part: part, Role: model.RoleVoice, Want: err.Error()}
		}
		c.Voice = voice
	}
	for _, d := range []struct {
		role model.Role
		part model.Part
		want string // its family
	}{
		{model.RoleDetector, c.Resolution.Detector, detectorFamily},
		{model.RoleInterim, c.Resolution.Interim, "moonshine"},
		{model.RoleEar, c.Resolution.Ear, "whisper"},
	} {
		if d.part.Family != d.want {
			return &PartError{Part: d.part, Role: d.role, Want: "one of family " + d.want}
		}
	}
	if part := c.Resolution.EndOfTurn; !part.IsZero() && part.Family != turnFamily {
		return &PartError{Part: part, Role: model.RoleEndOfTurn, Want: "one of family " + turnFamily}
	}
	if part := c.Resolution.Reader; !part.IsZero() && part.Family != readerFamily {
		return &PartError{Part: part, Role: model.RoleReader, Want: "one of family " + readerFamily}
	}
	if part := c.Resolution.Namer; !part.IsZero() && part.Family != namerFamily {
		return &PartError{Part: part, Role: model.RoleNamer, Want: "one of family " + namerFamily}
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

// provider is where the models run, and place the same for the ledger. Of a model behind a server
// only ears and voice are here, and those run on the processor.
func (c *Config) provider() ort.Provider {
	if c.Resolution.ExecutionProvider == model.ProviderCUDA {
		return ort.CUDA
	}
	return ort.CPU
}

func (c *Config) place() place {
	if c.provider() == ort.CUDA {
		return place{compute.SiliconGPU}
	}
	return place{compute.SiliconCPU}
}

// voicePlace is where the voice runs: one without a model is a program of its own.
func (c *Config) voicePlace() place {
	if c.Voice.Model == "" {
		return onProcessor
	}
	return c.place()
}

// device is the number of the GPU.
func (c *Config) device() int { return max(c.Resolution.DeviceIndex, 0) }

// sees tells whether the profile asks for eyes: without them no video is subscribed to, and nothing
// is shown to the model.
func (c *Config) sees() bool {
	return slices.ContainsFunc(c.Resolution.Sources, func(s model.Source) bool { return s.Capability == model.Vision })
}

// sightTerms are what an answer may wait for its pictures and how many they are, without what was
// measured.
type sightTerms struct{ WaitMS, Pictures, SpacingMS, WithinMS int64 }

func (c *Config) sightTerms() (out sightTerms) {
	if s := c.Resolution.Sight; s != nil {
		out = sightTerms{s.WaitMS, int64(max(s.Pictures, s.Wanted, 1)), s.SpacingMS, s.WithinMS}
	}
	return out
}

// Keys tell parts apart: what has the same key is the same part.
type (
	detectorKey struct{ id string }
	interimKey  struct{ id string }
	turnKey     struct{ id string }
	finalKey    struct {
		id       string
		provider ort.Provider
		device   int
	}
	voiceKey struct {
		voice    tts.Choice
		provider ort.Provider
		device   int
	}
	baseKey struct{ as string }
)

// baseKey is everything that a language model is loaded by. What has no id is like nothing else.
func (c *Config) baseKey() (any, error) {
	if c.Resolution.Base.ID == "" {
		return new(baseKey), nil
	}
	as, err := json.Marshal(struct {
		ID, Variant string
		Sees, Sound bool
		Begins      answer.Beginning
		Special     []string
		Provider    ort.Provider
		Device      int
		Remote      *RemoteConfig
		Sight       sightTerms
		Reader      string
		Namer       string
	}{c.Resolution.Base.ID, c.Variant, c.sees(), c.Sound, c.Begins, c.Special, c.provider(), c.device(), c.Remote, c.sightTerms(), c.Resolution.Reader.ID, c.Resolution.Namer.ID})
	return baseKey{string(as)}, err
}

// Places are how many calls the model's provider takes at once; none for a model in this process.
func (c *Config) Places() map[string]int64 {
	if c.Remote == nil {
		return nil
	}
	return map[string]int64{c.Remote.Server.Provider: int64(c.Remote.Server.Places())}
}
