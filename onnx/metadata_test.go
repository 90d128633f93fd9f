package onnx_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// FuzzMetadata: what a file says of itself is read, and a broken file is an error.
func FuzzMetadata(f *testing.F) {
	whole, err := (&onnx.Model{Graph: &onnx.Graph{Name: "g"}, Metadata: []onnx.Property{{Key: "character", Value: "a\nb"}, {Key: "k", Value: ""}}}).Bytes()
	if err != nil {
		f.Fatal(err)
	}
	want := map[string]string{"character": "a\nb", "k": ""}
	if got, err := onnx.Metadata(whole); err != nil || !cmp.Equal(want, got) {
		f.Fatalf("%v, %v", got, err)
	}
	if _, err := onnx.Metadata(whole[:len(whole)-1]); !errors.Is(err, onnx.ErrCorrupt) {
		f.Fatalf("a file without its end: %v", err)
	}
	f.Add(whole)
	f.Add([]byte{0x72, 0x80})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := onnx.Metadata(data); err != nil && !errors.Is(err, onnx.ErrCorrupt) {
			t.Error(err)
		}
	})
}
