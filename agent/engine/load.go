package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/hearing/smartturn"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/tts"
)

// group does things side by side and gathers what went wrong.
type group struct {
	work sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

func (g *group) do(load func() error) {
	g.work.Go(func() {
		if err := load(); err != nil {
			g.mu.Lock()
			g.errs = append(g.errs, err)
			g.mu.Unlock()
		}
	})
}

// part loads a part of cfg, says how long it took, and names it in its error.
func (g *group) part(cfg *Config, name string, load func() error) {
	begin := time.Now()
	g.do(func() error {
		if err := load(); err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
		cfg.Loaded(name, time.Since(begin))
		return nil
	})
}

func (g *group) wait() error {
	g.work.Wait()
	return errors.Join(g.errs...)
}

// loader loads the parts of one configuration.
type loader struct {
	machine *Machine
	cfg     Config
}

func (l *loader) path(id, file string) (string, error) { return l.cfg.Path(id, file) }

func (l *loader) options(threads int) ort.Options {
	return ort.Options{Threads: threads, Provider: l.cfg.provider(), DeviceID: l.cfg.device()}
}

// detector runs on the processor: a window takes 0.2 ms there.
func (l *loader) detector(ctx context.Context) (*detector, error) {
	path, err := l.path(l.cfg.Resolution.Detector.ID, "silero_vad.onnx")
	if err != nil {
		return nil, err
	}
	session, err := l.machine.rt.Load(ctx, ort.Source{Name: "voice activity", Path: path}, ort.Options{})
	if err != nil {
		return nil, err
	}
	return openDetector(session)
}

// smartTurn runs on the processor: it is asked a few times a turn, for some 40 ms.
func (l *loader) smartTurn(ctx context.Context) (turnDetector, error) {
	path, err := l.path(l.cfg.Resolution.EndOfTurn.ID, "smart-turn-v3.2-cpu.onnx")
	if err != nil {
		return nil, err
	}
	return smartturn.Open(ctx, l.machine.rt, path, ort.Options{})
}

// moonshine runs on the processor: it takes less time there than the trip to a GPU.
func (l *loader) moonshine(ctx context.Context) (transcriber, error) {
	paths := map[string]string{}
	for _, file := range []string{"encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"} {
		path, err := l.path(l.cfg.Resolution.Interim.ID, file)
		if err != nil {
			return nil, err
		}
		paths[file] = path
	}
	words, err := os.ReadFile(paths["tokenizer.bin"])
	if err != nil {
		return nil, err
	}
	files := moonshine.Files{
		Encoder: paths["encoder_model.ort"], Decoder: paths["decoder_model_merged.ort"], Tokenizer: words,
	}
	return moonshine.Open(ctx, l.machine.rt, files, ort.Options{})
}

// whisper takes the graphs with 8 bit weights on a processor, where they are twice as fast and as
// accurate, and the full ones on a GPU or where a model was published without them.
func (l *loader) whisper(ctx context.Context) (transcriber, error) {
	var paths [2]string
	for i, graph := range []string{"encoder_model", "decoder_model_merged"} {
		file := graph + ".onnx"
		if light := graph + "_int8.onnx"; l.cfg.provider() == ort.CPU && slices.Contains(l.cfg.Resolution.Ear.Files, light) {
			file = light
		}
		var err error
		if paths[i], err = l.path(l.cfg.Resolution.Ear.ID, file); err != nil {
			return nil, err
		}
	}
	l.machine.cfg.Logger.Info("ear", "encoder", paths[0], "decoder", paths[1])
	files := whisper.Files{Encoder: paths[0], Decoder: paths[1], Config: os.DirFS(filepath.Dir(paths[0]))}
	return whisper.Open(ctx, l.machine.rt, files, whisper.Options{Session: l.options(2)})
}

func (l *loader) voice(ctx context.Context) (tts.Voice, error) {
	return l.cfg.Voice.Open(ctx, l.machine.rt, tts.Files{Path: l.cfg.Path},
		tts.WithProvider(l.cfg.provider(), l.cfg.device()), tts.WithLogger(l.machine.cfg.Logger))
}

// turnDetector is a hearing.TurnDetector that is closed.
type turnDetector interface {
	hearing.TurnDetector
	io.Closer
}

// transcriber is an ear that is closed.
type transcriber interface {
	hearing.Transcriber
	io.Closer
}
