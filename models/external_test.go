package models_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/models"
)

func field(b []byte, number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), content)
}

// tensorIn is a tensor with weights in a file, between fields that a reader has to pass over.
func tensorIn(location string) []byte {
	var b []byte
	b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), 1)
	b = protowire.AppendFixed32(protowire.AppendTag(b, 99, protowire.Fixed32Type), 7)
	b = protowire.AppendFixed64(protowire.AppendTag(b, 98, protowire.Fixed64Type), 7)
	b = field(b, 8, []byte("name"))
	b = field(b, 9, bytes.Repeat([]byte{0xff}, 10_000)) // weights inside, larger than a buffer
	for key, value := range map[string]string{"location": location, "offset": "0", "length": "12"} {
		b = field(b, 13, field(field(nil, 1, []byte(key)), 2, []byte(value)))
	}
	return b
}

// modelOf wraps a graph into a model.
func modelOf(graph []byte) []byte {
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 8)
	return field(field(b, 2, []byte("exporter")), 7, graph)
}

// TestWeightsBesideAGraph belong to a model wherever its graph names them: among its initialisers,
// and in the branches of its nodes.
func TestWeightsBesideAGraph(t *testing.T) {
	constant := field(nil, 1, field(nil, 5, field(nil, 5, tensorIn("constant_data"))))
	branch := field(nil, 1, field(nil, 5, field(nil, 6, field(nil, 5, tensorIn("branch_data")))))
	for name, graph := range map[string][]byte{
		"decoder_data":  field(nil, 5, tensorIn("decoder_data")),
		"sub/weights":   field(nil, 5, tensorIn("sub/weights")),
		"constant_data": constant,
		"branch_data":   branch,
		"second":        field(field(nil, 5, tensorIn("decoder_model_merged.onnx")), 5, tensorIn("second")),
	} {
		t.Run(strings.ReplaceAll(name, "/", "_"), func(t *testing.T) {
			from := t.TempDir()
			for i, file := range vlmFiles() {
				put(t, filepath.Join(from, file), bytesOf(uint64(i), 900))
			}
			put(t, filepath.Join(from, "onnx", "decoder_model_merged.onnx"), modelOf(graph))
			s := store(t, folderEntry("idefics3", from, ""), models.Options{})
			_, err := s.Pull(t.Context(), "mine")
			want := "missing: " + name + " (weights of onnx/decoder_model_merged.onnx)"
			if !errors.Is(err, models.ErrIncomplete) || !strings.HasSuffix(fmt.Sprint(err), want) {
				t.Fatalf("got %v", err)
			}
			put(t, filepath.Join(from, "onnx", filepath.FromSlash(name)), bytesOf(9, 12))
			if res, err := s.Pull(t.Context(), "mine"); err != nil || res[0].Fetched != 7 {
				t.Fatalf("with them: %+v, %v", res, err)
			}
		})
	}
}

// TestWeightsOfGraphsThatNobodyRuns may be missing: a folder often has more exports than somebody
// fetched.
func TestWeightsOfGraphsThatNobodyRuns(t *testing.T) {
	from := t.TempDir()
	for i, file := range vlmFiles() {
		put(t, filepath.Join(from, file), bytesOf(uint64(i), 900))
	}
	put(t, filepath.Join(from, "onnx", "decoder_model_merged_fp16.onnx"), modelOf(field(nil, 5, tensorIn("nowhere"))))
	s := store(t, folderEntry("idefics3", from, ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); err != nil {
		t.Errorf("the plain graph runs: %v", err)
	}
	s = store(t, folderEntry("idefics3", from, ", variant: _fp16"), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); !errors.Is(err, models.ErrIncomplete) {
		t.Errorf("the graph in half precision runs: %v", err)
	}
}
