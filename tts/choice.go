package tts

import (
	"context"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// The engines.
const (
	enginePiper  = "piper"
	engineKokoro = "kokoro"
	engineEspeak = "espeak"
)

// kokoroVoice is the voice of Kokoro where nobody chooses one.
const kokoroVoice = "af_bella"

// Choice is a voice: what Parse reads out of a specification, and Installed out of an installed
// model. The zero value is none.
type Choice struct {
	// Engine is "piper", "kokoro" or "espeak".
	Engine string
	// Model is the id of the installed model, "" for espeak. It is that of a style where somebody's
	// own style is kept apart from Kokoro's model, which is needed beside it.
	Model string
	// Name is which voice: of Piper the name of its files, of Kokoro the style, of espeak the
	// language or "".
	Name string
}

// IsZero reports whether nothing is chosen.
func (c Choice) IsZero() bool { return c == Choice{} }

// String is the specification, for example "piper:en_US-joe-medium".
func (c Choice) String() string {
	if c.Name == "" {
		return c.Engine
	}
	return c.Engine + ":" + c.Name
}

// Parse reads a specification: "piper:NAME" for the installed model piper-NAME, "kokoro:NAME" for a
// voice of the installed model kokoro-82m or, where that has none of this name, for the style file
// NAME.bin of the installed kokoro-NAME, "espeak" or "espeak:LANGUAGE". Errors: *UnknownVoiceError.
func Parse(spec string) (Choice, error) {
	engine, name, _ := strings.Cut(spec, ":")
	c := Choice{Engine: engine, Name: name}
	switch {
	case engine == enginePiper && safeName(name):
		c.Model = "piper-" + name
	case engine == engineKokoro && safeName(name):
		c.Model = kokoroModel
		if !slices.Contains(kokoroVoices(), name) {
			c.Model = "kokoro-" + name // somebody's own
		}
	case engine == engineEspeak && (name == "" && spec == engineEspeak || safeName(name)):
	default:
		return Choice{}, &UnknownVoiceError{Spec: spec, Known: KnownVoices()}
	}
	return c, nil
}

// Installed is the voice that an installed model of a family brings: of Piper the one whose graph
// is among its files, of kokoro-82m af_bella, of somebody's own style of Kokoro that style. Errors:
// *UnknownVoiceError, which says what is wrong with the model.
func Installed(family, id string, files []string) (Choice, error) {
	c := Choice{Engine: family, Model: id}
	switch {
	case family == enginePiper:
		c.Name = stem(files, ".onnx")
	case family == engineKokoro && id == kokoroModel:
		c.Name = kokoroVoice
	case family == engineKokoro:
		c.Name = stem(files, ".bin")
	default:
		return Choice{}, &UnknownVoiceError{Spec: id, Known: KnownVoices(), Why: "family " + family + " has no voices"}
	}
	if !safeName(c.Name) {
		return Choice{}, &UnknownVoiceError{Spec: id, Known: KnownVoices(), Why: "one file NAME.onnx (piper) or NAME.bin (kokoro) makes a voice"}
	}
	return c, nil
}

// stem is the name of the only file with an ending, without it; "" where there is none or several.
func stem(files []string, ending string) string {
	found := ""
	for _, file := range files {
		name, ok := strings.CutSuffix(file, ending)
		switch {
		case !ok:
		case found != "":
			return ""
		default:
			found = name
		}
	}
	return found
}

// Open opens the voice. The engine asked for is used or an error returned; none stands in for
// another. Opening loads and probes the model, so that a voice that was opened speaks. The runtime
// is not needed for espeak and may be nil there; the voice does not close it. Errors:
// *UnknownVoiceError, *NotInstalledError, *ModelError, ErrEspeakMissing, *ProcessError,
// *OutputError.
func (c Choice) Open(ctx context.Context, rt *ort.Runtime, files Files, opts ...Option) (Voice, error) {
	o := newOptions(opts)
	switch c.Engine {
	case enginePiper:
		return openPiper(ctx, rt, c, files, o)
	case engineKokoro:
		return openKokoro(ctx, rt, c, files, o)
	case engineEspeak:
		return openEspeak(ctx, c, o)
	}
	return nil, &UnknownVoiceError{Spec: c.String(), Known: KnownVoices()}
}
