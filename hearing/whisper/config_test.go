package whisper_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

const multilingual = `{"decoder_start_token_id":50258,"eos_token_id":[50257],"forced_decoder_ids":[[1,null],[2,50359]],"is_multilingual":true,
	"lang_to_id":{"<|en|>":50259,"<|de|>":50261},"task_to_id":{"transcribe":50359,"translate":50358},"no_timestamps_token_id":50363,
	"max_length":448,"suppress_tokens":[1,2],"begin_suppress_tokens":[220,50257]}`

func TestParseGeneration(t *testing.T) {
	data, err := os.ReadFile(testmodels.Path(t, "whisper-base.en", "generation_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, language string
		data           []byte
		prompt         []int64
		end, firstTime int
	}{
		{"base.en", "en", data, []int64{50257, 50362}, 50256, 50363},
		{"multilingual", "de", []byte(multilingual), []int64{50258, 50261, 50359, 50363}, 50257, 50364},
	} {
		g, err := whisper.ParseGeneration(c.data, c.language)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(g.Prompt, c.prompt) || g.End != c.end || g.FirstTime != c.firstTime || g.NoSpeech != c.firstTime-2 || g.Previous != c.firstTime-3 || len(g.Suppress) == 0 {
			t.Errorf("%s: %+v", c.name, g)
		}
	}
}

// TestTokenBeforeATextThatCameBefore: it is the one that the file names, or where it stands in
// every vocabulary.
func TestTokenBeforeATextThatCameBefore(t *testing.T) {
	const start = `{"decoder_start_token_id":1,"eos_token_id":2,"max_length":448`
	for data, want := range map[string]int{
		start + `}`:                                                  0,
		start + `,"no_timestamps_token_id":9}`:                       7,
		start + `,"no_timestamps_token_id":1}`:                       0,
		start + `,"prev_sot_token_id":5}`:                            5,
		start + `,"no_timestamps_token_id":9,"prev_sot_token_id":5}`: 5,
	} {
		if g, err := whisper.ParseGeneration([]byte(data), "en"); err != nil || g.Previous != want {
			t.Errorf("%s: %+v, %v, want %d", data, g, err, want)
		}
	}
}

func TestParseGenerationRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":        "",
		"empty":          "{}",
		"no start":       `{"eos_token_id":1,"max_length":448}`,
		"no end":         `{"decoder_start_token_id":1,"max_length":448}`,
		"end is text":    `{"decoder_start_token_id":1,"eos_token_id":"x","max_length":448}`,
		"no length":      `{"decoder_start_token_id":1,"eos_token_id":2}`,
		"forced gap":     `{"decoder_start_token_id":1,"eos_token_id":2,"max_length":448,"forced_decoder_ids":[[2,7]]}`,
		"no language":    `{"decoder_start_token_id":1,"eos_token_id":2,"max_length":448,"is_multilingual":true}`,
		"negative token": `{"decoder_start_token_id":1,"eos_token_id":2,"max_length":448,"suppress_tokens":[-1]}`,
		"previous token": `{"decoder_start_token_id":1,"eos_token_id":2,"max_length":448,"prev_sot_token_id":-1}`,
		"huge token":     `{"decoder_start_token_id":9999999,"eos_token_id":2,"max_length":448}`,
	} {
		if _, err := whisper.ParseGeneration([]byte(data), "en"); !errors.Is(err, whisper.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(multilingual))
	f.Add([]byte(`{"feature_size":80,"hop_length":160,"n_fft":400,"chunk_length":30,"sampling_rate":16000}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if g, err := whisper.ParseGeneration(data, "en"); err == nil && len(g.Prompt) == 0 {
			t.Error("no prompt")
		} else if err != nil && !errors.Is(err, whisper.ErrConfig) {
			t.Errorf("untyped error %v", err)
		}
		if _, err := whisper.ParseFeatures(data); err != nil && !errors.Is(err, whisper.ErrConfig) {
			t.Errorf("untyped error %v", err)
		}
	})
}
