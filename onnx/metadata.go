package onnx

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Metadata returns what a model file says of itself beside its graph, by key: the characters that a
// reader of text knows, say. data is the whole file; the values are copies. Errors: ErrCorrupt.
func Metadata(data []byte) (map[string]string, error) {
	out := map[string]string{}
	err := fields(data, func(field protowire.Number, value []byte) error {
		if field != modelMetadata {
			return nil
		}
		var p Property
		err := fields(value, func(field protowire.Number, text []byte) error {
			switch field {
			case entryKey:
				p.Key = string(text)
			case entryValue:
				p.Value = string(text)
			}
			return nil
		})
		out[p.Key] = p.Value
		return err
	})
	return out, err
}

// fields calls do for every field of a message that holds bytes, and passes over the others.
func fields(data []byte, do func(field protowire.Number, value []byte) error) error {
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrCorrupt, protowire.ParseError(n))
		}
		data = data[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(field, kind, data); n < 0 {
				return fmt.Errorf("%w: %w", ErrCorrupt, protowire.ParseError(n))
			}
			data = data[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrCorrupt, protowire.ParseError(n))
		}
		if err := do(field, value); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
