package convert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// whisperTokens knows the ids of the special tokens and the vocabulary of one Whisper.
// The special ids follow the ordinary tokens in a fixed order: end of text, start of transcript,
// one per language, then the tasks and, at the end of the vocabulary, 1,501 time stamps 0.02 s
// apart.
type whisperTokens struct {
	file         *ggml.Whisper
	multilingual bool
	languages    int
	end, start   int // end of text, start of transcript
	tasks        int // translate, transcribe, start of lm, start of prev, no speech, no time stamps: six ids from here
	bpe          *bytePair
}

// whisperStamps is the number of time stamp tokens, 0.00 to 30.00 s.
const whisperStamps = 1501

// whisperTasks are the names of the six ids in front of the time stamps.
var whisperTasks = [...]string{ // constant table
	"<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
}

// newWhisperTokens derives the ids from the size of the vocabulary: 51,864 rows are English only,
// from 51,865 on one more ordinary token and one row for each language beyond the first 99.
func newWhisperTokens(w *ggml.Whisper) (*whisperTokens, error) {
	const english = 51864
	vocab := w.Header.Vocab
	t := &whisperTokens{file: w, multilingual: vocab > english, languages: len(whisperLanguages) - 1, end: 50256}
	if t.multilingual {
		t.end++
		t.languages += vocab - english - 1
	}
	t.start = t.end + 1
	t.tasks = t.start + 1 + t.languages
	if vocab < english || t.languages > len(whisperLanguages) {
		return nil, fmt.Errorf("vocabulary of %d rows: %w", vocab, ErrUnsupported)
	}
	if len(w.Tokens) < t.end {
		return nil, fmt.Errorf("%d tokens listed, at least %d needed: %w", len(w.Tokens), t.end, ErrVocabulary)
	}
	var err error
	t.bpe, err = newBytePair(w.Tokens[:t.end])
	return t, err
}

func (t *whisperTokens) task(name string) int { return t.tasks + slices.Index(whisperTasks[:], name) }

// special lists the special tokens in id order, from end of text on.
func (t *whisperTokens) special() []string {
	names := []string{"<|endoftext|>", "<|startoftranscript|>"}
	for _, code := range strings.Fields(whisperLanguageCodes)[:t.languages] {
		names = append(names, "<|"+code+"|>")
	}
	names = append(names, whisperTasks[:]...)
	for i := range whisperStamps {
		names = append(names, fmt.Sprintf("<|%d.%02d|>", i/50, i%50*2))
	}
	return names
}

// config is config.json.
func (t *whisperTokens) config() map[string]any {
	h := t.file.Header
	return map[string]any{
		"model_type": "whisper", "architectures": []string{"WhisperForConditionalGeneration"}, "is_encoder_decoder": true,
		"vocab_size": h.Vocab, "num_mel_bins": h.Mels, "d_model": h.TextState, "activation_function": "gelu",
		"encoder_layers": h.AudioLayers, "encoder_attention_heads": h.AudioHeads, "encoder_ffn_dim": 4 * h.AudioState,
		"decoder_layers": h.TextLayers, "decoder_attention_heads": h.TextHeads, "decoder_ffn_dim": 4 * h.TextState,
		"num_hidden_layers": h.AudioLayers, "max_source_positions": h.AudioContext, "max_target_positions": h.TextContext,
		"max_length": h.TextContext, "scale_embedding": false, "use_cache": true, "torch_dtype": "float32",
		"bos_token_id": t.end, "eos_token_id": t.end, "pad_token_id": t.end, "decoder_start_token_id": t.start,
	}
}

// generation is generation_config.json: the prompt, the stop token and what may never be said.
func (t *whisperTokens) generation() map[string]any {
	out := map[string]any{
		"bos_token_id": t.end, "eos_token_id": t.end, "pad_token_id": t.end, "decoder_start_token_id": t.start,
		"is_multilingual": t.multilingual, "max_length": t.file.Header.TextContext, "max_initial_timestamp_index": 50,
		"no_timestamps_token_id": t.task("<|notimestamps|>"), "prev_sot_token_id": t.task("<|startofprev|>"),
		"return_timestamps": false, "suppress_tokens": t.suppressed(), "begin_suppress_tokens": t.beginSuppressed(),
	}
	if !t.multilingual {
		out["forced_decoder_ids"] = [][2]int{{1, t.task("<|notimestamps|>")}}
		return out
	}
	languages := map[string]int{}
	for i, code := range strings.Fields(whisperLanguageCodes)[:t.languages] {
		languages["<|"+code+"|>"] = t.start + 1 + i
	}
	transcribe := t.task("<|transcribe|>")
	out["lang_to_id"] = languages
	out["task_to_id"] = map[string]int{"transcribe": transcribe, "translate": t.task("<|translate|>")}
	out["forced_decoder_ids"] = [][2]any{{1, nil}, {2, transcribe}, {3, t.task("<|notimestamps|>")}}
	return out
}

// beginSuppressed are the ids that may not come first: a lone space and the end of text.
func (t *whisperTokens) beginSuppressed() []int {
	ids := []int{t.end}
	if id, ok := t.bpe.ids[" "]; ok {
		ids = append([]int{id}, ids...)
	}
	return ids
}

// suppressed are the ids of what is written but not spoken (brackets, quotes, notes), which Whisper
// was trained to emit for captions, and the special tokens that have no place in an answer. The
// rule is that of the reference implementation.
func (t *whisperTokens) suppressed() []int {
	ids := map[int]bool{t.start: true}
	for i := range len(whisperTasks) - 1 { // the last asks for an answer without time stamps: that one is allowed
		ids[t.tasks+i] = true
	}
	for _, dash := range []string{" -", " '"} {
		if id, ok := t.bpe.first(dash); ok {
			ids[id] = true
		}
	}
	for symbol := range strings.FieldsSeq(whisperSymbols) {
		for _, form := range []string{symbol, " " + symbol} {
			if id, ok := t.bpe.ids[form]; ok {
				ids[id] = true
			}
		}
	}
	for _, note := range whisperNotes {
		for _, form := range []string{string(note), " " + string(note)} {
			if id, ok := t.bpe.first(form); ok {
				ids[id] = true
			}
		}
	}
	var list []int
	for id := range ids {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// Symbols that are never spoken, and the signs of music, of which the first token alone is
// suppressed.
const (
	whisperSymbols = "\" # ( ) * + / : ; < = > @ [ \\ ] ^ _ ` { | } ~ 「 」 『 』 " +
		"<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪"
	whisperNotes = "♩♪♫♬♭♮♯"
)

// whisperPreprocessor is preprocessor_config.json with the file's own mel filters, [mels][bins].
func whisperPreprocessor(w *ggml.Whisper) map[string]any {
	filters := make([][]float32, w.FilterMels)
	for i := range filters {
		filters[i] = w.Filters[i*w.FilterBins : (i+1)*w.FilterBins]
	}
	return map[string]any{
		"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": w.FilterMels, "sampling_rate": 16000,
		"hop_length": 160, "n_fft": 2 * (w.FilterBins - 1), "chunk_length": 30, "n_samples": 480000, "nb_max_frames": 3000,
		"padding_side": "right", "padding_value": 0.0, "return_attention_mask": false, "mel_filters": filters,
	}
}
