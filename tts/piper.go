package tts

import (
	"context"
	"errors"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// piperCut is the first convolution of the vocoder in a Piper export. The graph is cut in front of
// it.
const piperCut = "/dec/conv_pre/Conv"

// piperLimit bounds the phonemes of one run. Longer clauses are said in several runs.
const piperLimit = 400

// probeText is what a voice says to itself when it is opened. It is long enough to compare a piece
// with the whole.
const probeText = "Hello, I can hear you now."

type piper struct {
	spec   string
	config *piperConfig
	graph  piperGraph
	speech *espeak.Phonemizer
	gate   gate
	scales [3]float32
	log    *slog.Logger
}

var _ Voice = (*piper)(nil)

func openPiper(ctx context.Context, rt *ort.Runtime, c Choice, files Files, o options) (Voice, error) {
	spec, model, weights := c.String(), c.Model, c.Name+".onnx"
	data, err := files.read(spec, model, weights+".json")
	if err != nil {
		return nil, err
	}
	config, err := parsePiperConfig(data)
	if err != nil {
		return nil, &ModelError{Model: model, File: weights + ".json", Err: err}
	}
	data, err = files.read(spec, model, weights)
	if err != nil {
		return nil, err
	}
	speech, err := espeak.NewPhonemizer(ctx, espeak.Config{Program: o.program, Voice: config.voice})
	if err != nil {
		return nil, err
	}
	p := &piper{spec: spec, config: config, speech: speech, scales: config.scales, log: o.log}
	p.scales[1] /= float32(o.speed)
	if err := p.load(ctx, rt, data, model, weights, o); err != nil {
		return nil, errors.Join(err, speech.Close())
	}
	return p, nil
}

// load makes the sessions and lets the voice say something to itself.
func (p *piper) load(ctx context.Context, rt *ort.Runtime, data []byte, model, file string, o options) error {
	graph, err := loadPiperGraph(ctx, rt, data, model+"/"+file, o)
	if err != nil {
		return wrapModel(model, file, err)
	}
	p.graph = graph
	if err := p.probe(ctx); err != nil {
		return errors.Join(wrapModel(model, file, err), graph.Close())
	}
	if g, ok := graph.(*cutGraph); ok {
		o.log.Debug("piper graph cut", "voice", p.spec, "samples_per_frame", g.hop, "context_frames", g.context)
	} else {
		o.log.Info("piper graph cannot be cut; the first sound of a clause waits for all of it", "voice", p.spec)
	}
	return nil
}

// loadPiperGraph seeds the noise and cuts the graph, or takes it whole where it has another
// structure.
func loadPiperGraph(ctx context.Context, rt *ort.Runtime, data []byte, name string, o options) (piperGraph, error) {
	data, _, err := onnx.Seed(data, o.seed)
	if err != nil {
		return nil, err
	}
	halves, err := onnx.Split(data, piperCut)
	if errors.Is(err, onnx.ErrNoCut) {
		s, err := rt.Load(ctx, ort.Source{Name: name, Bytes: data}, o.session())
		if err != nil {
			return nil, err
		}
		return &wholeGraph{s}, nil
	}
	if err != nil {
		return nil, err
	}
	head, err := rt.Load(ctx, ort.Source{Name: name + " (encoder)", Bytes: halves.Head}, o.session())
	if err != nil {
		return nil, err
	}
	tail, err := rt.Load(ctx, ort.Source{Name: name + " (vocoder)", Bytes: halves.Tail}, o.session())
	if err != nil {
		return nil, errors.Join(err, head.Close())
	}
	return &cutGraph{head: head, tail: tail, cut: halves.Cut, channels: halves.Channels}, nil
}

// probe warms the model up and checks that it speaks.
func (p *piper) probe(ctx context.Context) error {
	g := newGuard(p.spec, p.config.rate, func([]float32) error { return nil })
	if cut, ok := p.graph.(*cutGraph); ok {
		phonemes, err := transcribe(ctx, p.speech, p.log, probeText)
		if err != nil {
			return err
		}
		ids, _, _ := p.config.encode(phonemes)
		whole, err := cut.probe(ctx, ids, p.scales)
		if err != nil {
			return err
		}
		return errors.Join(g.write(ctx, whole), g.finish())
	}
	return p.say(ctx, probeText, g)
}

// wrapModel says which file a failed load or probe is about, except where the cause lies elsewhere.
func wrapModel(model, file string, err error) error {
	var process *ProcessError
	var provider *ort.ProviderError
	var library *ort.LibraryError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, ort.ErrClosed),
		errors.Is(err, ErrEspeakMissing), errors.Is(err, ErrEspeakTimeout),
		errors.As(err, &process), errors.As(err, &provider), errors.As(err, &library):
		return err
	}
	return &ModelError{Model: model, File: file, Err: err}
}

func (p *piper) Name() string    { return p.spec }
func (p *piper) SampleRate() int { return p.config.rate }

// Synthesize implements Voice.
func (p *piper) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	leave, err := p.gate.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return p.say(ctx, clause, newGuard(p.spec, p.config.rate, emit))
}

// say runs one clause through the model into the guard.
func (p *piper) say(ctx context.Context, clause string, g *guard) error {
	phonemes, err := transcribe(ctx, p.speech, p.log, clause)
	if err != nil {
		return err
	}
	said := false
	for _, part := range cutPhonemes(phonemes, piperLimit) {
		ids, known, _ := p.config.encode(part)
		if known == 0 {
			continue
		}
		said = true
		err := p.graph.run(ctx, ids, p.scales, func(pcm []float32) error { return g.write(ctx, pcm) })
		if err != nil {
			return err
		}
	}
	if !said {
		return ErrNothingToSay
	}
	return g.finish()
}

// Close implements Voice.
func (p *piper) Close() error {
	return p.gate.close(func() error { return errors.Join(p.graph.Close(), p.speech.Close()) })
}
