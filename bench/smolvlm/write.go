package smolvlm

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// Options of [Write].
type Options struct {
	Shape Shape
	// Tokenizer is SmolLM2's tokenizer.json; nil takes [StandIn].
	Tokenizer []byte
	// Checkpoint also writes model.safetensors, the weights as PyTorch implementations read them.
	Checkpoint bool
}

// Write writes the folder: config, processor and tokenizer files, and
// onnx/{vision_encoder,embed_tokens,decoder_model_merged}.onnx. The full model takes 1 GB, twice
// that with a checkpoint. The context is looked at between files. Errors are [ErrTokenizer] and
// those of the file system.
func Write(ctx context.Context, dir string, opt Options) error {
	if err := os.MkdirAll(filepath.Join(dir, "onnx"), 0o755); err != nil {
		return err
	}
	base := opt.Tokenizer
	var err error
	if base == nil {
		if base, err = StandIn(); err != nil {
			return err
		}
	}
	tokens, err := tokenizer(base)
	if err != nil {
		return err
	}
	small := map[string][]byte{"tokenizer.json": tokens, "chat_template.jinja": []byte(template)}
	for name, content := range documents(opt.Shape) {
		if small[name], err = json.MarshalIndent(content, "", " "); err != nil {
			return err
		}
	}
	for name, content := range small {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	models := []*onnx.Model{embedder(opt.Shape), decoder(opt.Shape), tower(opt.Shape)}
	for _, m := range models {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(dir, "onnx", m.Graph.Name+opt.Shape.Suffix()+".onnx")
		if err := writeFile(path, func(w io.Writer) error { _, err := m.WriteTo(w); return err }); err != nil {
			return err
		}
	}
	if !opt.Checkpoint {
		return nil
	}
	return writeFile(filepath.Join(dir, "model.safetensors"), func(w io.Writer) error { return checkpoint(ctx, w, opt.Shape) })
}

// writeFile writes through a buffer; a failed file is removed.
func writeFile(path string, write func(io.Writer) error) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	err = errors.Join(write(buffered), buffered.Flush(), file.Close())
	if err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// checkpoint writes all weights in the safetensors format: the length of the header, the header
// with name, type, shape and place of every tensor, and their values.
func checkpoint(ctx context.Context, w io.Writer, s Shape) error {
	type entry struct {
		Type   string   `json:"dtype"`
		Shape  []int64  `json:"shape"`
		Places [2]int64 `json:"data_offsets"`
	}
	header, place := map[string]any{"__metadata__": map[string]string{"format": "pt"}}, int64(0)
	weights := s.weights()
	for _, t := range weights {
		end := place + 4*t.count()
		header[t.name] = entry{"F32", t.dims, [2]int64{place, end}}
		place = end
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)); err != nil {
		return err
	}
	for _, t := range weights {
		if err := errors.Join(ctx.Err(), t.write(w, false, 1, false)); err != nil {
			return err
		}
	}
	return nil
}
