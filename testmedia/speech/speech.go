package speech

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/media"
)

// SampleRate of the samples, in hertz.
const SampleRate = 48000

// Default is the speaker that is used when none is named.
const Default = "flite:slt"

// Errors of a speaker.
var (
	// ErrUnknownSpeaker means that the specification names no speaker.
	ErrUnknownSpeaker = errors.New("unknown speaker")
	// ErrMissing means that the program is not installed; the text names the package.
	ErrMissing = errors.New("speech program is not installed")
	// ErrNoText means that there is nothing to say.
	ErrNoText = errors.New("no text to say")
)

// Say speaks a text. spec is "flite:VOICE", "flite:VOICE@STRETCH" (a stretch of 0.8 is a quarter
// faster) or "espeak:LANGUAGE".
func Say(ctx context.Context, spec, text string) ([]float32, error) {
	if strings.TrimSpace(text) == "" {
		return nil, ErrNoText
	}
	name, voice, _ := strings.Cut(spec, ":")
	var cmd *exec.Cmd
	switch {
	case name == "flite" && voice != "":
		voice, stretch, found := strings.Cut(voice, "@")
		args := []string{"-voice", voice, "-t", text, "-o", "/dev/stdout"}
		if found {
			args = append([]string{"--setf", "duration_stretch=" + stretch}, args...)
		}
		cmd = exec.CommandContext(ctx, "flite", args...)
	case name == "espeak":
		if voice == "" {
			voice = "en-us"
		}
		cmd = exec.CommandContext(ctx, "espeak-ng", "-v", voice, "--stdout")
		cmd.Stdin = strings.NewReader(text)
	default:
		return nil, fmt.Errorf("%w: %q; use flite:slt, flite:awb, flite:rms or espeak:en-us", ErrUnknownSpeaker, spec)
	}
	return run(cmd)
}

func run(cmd *exec.Cmd) ([]float32, error) {
	var out, problem bytes.Buffer
	cmd.Env = childenv.Local(os.Environ())
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("%w: %s; install it with: apt-get install %s", ErrMissing, cmd.Args[0], cmd.Args[0])
		}
		return nil, fmt.Errorf("%s: %w: %s", cmd.Args[0], err, strings.TrimSpace(problem.String()))
	}
	wav, err := media.ReadWAV(&out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.Args[0], err)
	}
	return Convert(wav)
}

// Convert brings a recording to SampleRate.
func Convert(wav media.WAV) ([]float32, error) {
	if wav.Rate == SampleRate {
		return wav.Samples, nil
	}
	r, err := media.NewResampler(wav.Rate, SampleRate)
	if err != nil {
		return nil, err
	}
	return r.Flush(r.Process(nil, wav.Samples)), nil
}

// Trim leaves out the silence around speech, so that its first sample is when it is heard.
func Trim(pcm []float32) []float32 {
	const quiet = 0.01 // of full scale: −40 dBFS
	loud := func(v float32) bool { return v > quiet || v < -quiet }
	for len(pcm) > 0 && !loud(pcm[0]) {
		pcm = pcm[1:]
	}
	for len(pcm) > 0 && !loud(pcm[len(pcm)-1]) {
		pcm = pcm[:len(pcm)-1]
	}
	return pcm
}
