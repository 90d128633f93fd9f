package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/tts"
)

// runtimeFile is the library's name in the catalog.
const runtimeFile = "libonnxruntime.so.1.31.1"

// loader loads parts side by side.
type loader struct {
	ctx  context.Context //nolint:containedctx // lives as long as one call of OpenEngine
	cfg  EngineConfig
	rt   *ort.Runtime
	work sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

func (l *loader) part(name string, load func() error) {
	begin := time.Now()
	l.work.Go(func() {
		if err := load(); err != nil {
			l.mu.Lock()
			l.errs = append(l.errs, fmt.Errorf("load %s: %w", name, err))
			l.mu.Unlock()
			return
		}
		l.cfg.Loaded(name, time.Since(begin))
	})
}

func (l *loader) wait() error {
	l.work.Wait()
	return errors.Join(l.errs...)
}

func (l *loader) options(threads int) ort.Options {
	return ort.Options{Threads: threads, Provider: l.cfg.Provider, DeviceID: l.cfg.Device}
}

func (l *loader) silero() (*ort.Session, *silero.Model, error) {
	path, err := l.cfg.Path("silero-vad", "silero_vad.onnx")
	if err != nil {
		return nil, nil, err
	}
	session, err := l.rt.Load(l.ctx, ort.Source{Name: "voice activity", Path: path}, ort.Options{}) // on the processor: a window takes 0.2 ms there
	if err != nil {
		return nil, nil, err
	}
	vad, err := silero.New(session)
	if err != nil {
		return nil, nil, errors.Join(err, session.Close())
	}
	return session, vad, nil
}

func (l *loader) moonshine() (*moonshine.Model, error) {
	paths := map[string]string{}
	for _, file := range []string{"encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"} {
		path, err := l.cfg.Path(l.cfg.Interim, file)
		if err != nil {
			return nil, err
		}
		paths[file] = path
	}
	words, err := os.ReadFile(paths["tokenizer.bin"])
	if err != nil {
		return nil, err
	}
	files := moonshine.Files{Encoder: paths["encoder_model.ort"], Decoder: paths["decoder_model_merged.ort"], Tokenizer: words}
	return moonshine.Open(l.ctx, l.rt, files, ort.Options{}, 1)
}

// whisper takes the graphs with 8 bit weights on a processor, where they are twice as fast and as accurate, and the full ones on a GPU or
// where a model was published without them.
func (l *loader) whisper() (*whisper.Model, error) {
	var paths [2]string
	for i, graph := range []string{"encoder_model", "decoder_model_merged"} {
		var err error
		if l.cfg.Provider == ort.CPU {
			paths[i], err = l.cfg.Path(l.cfg.Final, graph+"_int8.onnx")
		}
		if paths[i] == "" && (err == nil || errors.Is(err, fs.ErrNotExist)) { // one that is damaged is not stood in for
			paths[i], err = l.cfg.Path(l.cfg.Final, graph+".onnx")
		}
		if err != nil {
			return nil, err
		}
	}
	l.cfg.Logger.Info("ear", "encoder", paths[0], "decoder", paths[1])
	files := whisper.Files{Encoder: paths[0], Decoder: paths[1], Config: os.DirFS(filepath.Dir(paths[0]))}
	return whisper.Open(l.ctx, l.rt, files, whisper.Options{Session: l.options(2)})
}

func (l *loader) voice() (tts.Voice, error) {
	return tts.Open(l.ctx, l.rt, l.cfg.Voice, tts.Files{Path: l.cfg.Path}, tts.WithProvider(l.cfg.Provider, l.cfg.Device), tts.WithLogger(l.cfg.Logger))
}
