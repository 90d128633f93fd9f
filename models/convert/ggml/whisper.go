package ggml

import (
	"fmt"
	"io"
)

// whisperMagic is the first word of the file, the letters "ggml" in a little-endian integer.
const whisperMagic = 0x67676d6c

// Limits that no Whisper model comes near (the largest has 1,280 values a position, 32 layers and
// 51,866 tokens).
const (
	maxWidth   = 1 << 14
	maxLayers  = 1 << 10
	maxVocab   = 1 << 20
	maxContext = 1 << 20
	maxTensors = 1 << 16
	maxName    = 1 << 10
)

// WhisperHeader holds the model's dimensions.
type WhisperHeader struct {
	Vocab                                int // rows of the token embedding
	AudioContext, AudioState, AudioHeads int // encoder positions, width, heads
	AudioLayers                          int
	TextContext, TextState, TextHeads    int // decoder positions, width, heads
	TextLayers                           int
	Mels                                 int // frequency bands of the input
	FileType                             int // storage format of the large tensors, informative
}

// Whisper is the content of a Whisper weight file, version 1.
type Whisper struct {
	Header                 WhisperHeader
	Filters                []float32 // mel filters, row-major [FilterMels, FilterBins]
	FilterMels, FilterBins int
	Tokens                 [][]byte // the bytes of each token, by id; special tokens beyond the list have no bytes
	tensors                map[string]Tensor
	order                  []string
}

// ReadWhisper reads the index of a Whisper weight file of size bytes. Weights are not read.
// Errors are *FormatError, or what the reader returned.
func ReadWhisper(r io.ReaderAt, size int64) (*Whisper, error) {
	s := NewScanner(r, size)
	if magic := s.Uint32("magic"); s.Err() == nil && magic != whisperMagic {
		return nil, &FormatError{Field: "magic", Err: ErrMagic}
	}
	w := &Whisper{tensors: map[string]Tensor{}}
	w.Header = readWhisperHeader(s)
	w.FilterMels = s.Count("mel filters", 1, maxWidth)
	w.FilterBins = s.Count("mel filter bins", 1, maxWidth)
	w.Filters = s.Float32s("mel filters", int64(w.FilterMels)*int64(w.FilterBins))
	count := s.Count("vocabulary size", 1, maxVocab)
	for i := 0; i < count && s.Err() == nil; i++ {
		length := s.Count("token length", 0, maxName)
		w.Tokens = append(w.Tokens, s.Bytes("token", int64(length)))
	}
	for s.Err() == nil && s.Left() > 0 {
		w.readTensor(s)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if w.FilterMels != w.Header.Mels {
		return nil, &FormatError{Field: "mel filters", Offset: 48, Err: ErrHeader}
	}
	return w, nil
}

func readWhisperHeader(s *Scanner) WhisperHeader {
	h := WhisperHeader{
		Vocab:        s.Count("n_vocab", 1, maxVocab),
		AudioContext: s.Count("n_audio_ctx", 1, maxContext),
		AudioState:   s.Count("n_audio_state", 1, maxWidth),
		AudioHeads:   s.Count("n_audio_head", 1, maxWidth),
		AudioLayers:  s.Count("n_audio_layer", 1, maxLayers),
		TextContext:  s.Count("n_text_ctx", 1, maxContext),
		TextState:    s.Count("n_text_state", 1, maxWidth),
		TextHeads:    s.Count("n_text_head", 1, maxWidth),
		TextLayers:   s.Count("n_text_layer", 1, maxLayers),
		Mels:         s.Count("n_mels", 1, maxWidth),
		FileType:     s.Count("ftype", 0, 1<<20),
	}
	if s.Err() != nil {
		return h
	}
	if h.AudioState%h.AudioHeads != 0 || h.TextState%h.TextHeads != 0 || h.AudioState != h.TextState {
		s.Fail("heads", ErrHeader)
	}
	return h
}

// readTensor reads one tensor's header, records its place and steps over its data.
func (w *Whisper) readTensor(s *Scanner) {
	dims := s.Count("tensor dimensions", 1, 4)
	length := s.Count("tensor name length", 1, maxName)
	kind := Type(s.Uint32("tensor type"))
	inner := make([]int64, dims)
	for i := range inner {
		inner[i] = int64(int32(s.Uint32("tensor dimension")))
	}
	name := string(s.Bytes("tensor name", int64(length)))
	if s.Err() != nil {
		return
	}
	field := fmt.Sprintf("tensor %q", name)
	t, err := NewTensor(name, kind, inner)
	if err != nil {
		s.Fail(field, err)
		return
	}
	if _, seen := w.tensors[name]; seen {
		s.Fail(field, ErrDuplicate)
		return
	}
	if len(w.order) >= maxTensors {
		s.Fail(field, ErrHeader)
		return
	}
	t.Offset = s.Pos()
	s.Skip(field, t.Size)
	w.tensors[name] = t
	w.order = append(w.order, name)
}

// Names returns the names of all tensors in file order. The slice is the caller's.
func (w *Whisper) Names() []string { return append([]string(nil), w.order...) }

// Tensor returns the tensor of that name after checking its dimensions, outermost first.
// Errors wrap ErrMissing or ErrShape.
func (w *Whisper) Tensor(name string, dims ...int64) (Tensor, error) {
	t, ok := w.tensors[name]
	if !ok {
		return Tensor{}, fmt.Errorf("tensor %s: %w", name, ErrMissing)
	}
	return t, t.Check(dims...)
}
