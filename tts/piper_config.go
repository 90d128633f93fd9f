package tts

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// piperConfig is what a Piper voice's JSON says, checked.
type piperConfig struct {
	rate     int // Hz
	voice    string
	ids      map[rune][]int64
	pad      []int64
	start    []int64
	end      []int64
	scales   [3]float32 // noise, length, noise of durations
	symbols  int64
	language string
}

// piperJSON holds the fields that are read; all others are left alone.
type piperJSON struct {
	Audio struct {
		SampleRate int `json:"sample_rate"`
	} `json:"audio"`
	Espeak struct {
		Voice string `json:"voice"`
	} `json:"espeak"`
	Inference struct {
		NoiseScale  *float32 `json:"noise_scale"`
		LengthScale *float32 `json:"length_scale"`
		NoiseW      *float32 `json:"noise_w"`
	} `json:"inference"`
	PhonemeType string             `json:"phoneme_type"`
	PhonemeIDs  map[string][]int64 `json:"phoneme_id_map"`
	NumSymbols  int64              `json:"num_symbols"`
	NumSpeakers int                `json:"num_speakers"`
	Language    struct {
		Code string `json:"code"`
	} `json:"language"`
}

// parsePiperConfig reads a Piper voice's JSON. Voices with several speakers, or with letters in
// place of phonemes, are refused.
func parsePiperConfig(data []byte) (*piperConfig, error) {
	var j piperJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, err
	}
	switch {
	case j.Audio.SampleRate < 8000 || j.Audio.SampleRate > 48000:
		return nil, fmt.Errorf("sample rate of %d Hz", j.Audio.SampleRate)
	case !safeName(j.Espeak.Voice):
		return nil, fmt.Errorf("bad espeak voice %q", j.Espeak.Voice)
	case j.PhonemeType != "" && j.PhonemeType != "espeak":
		return nil, fmt.Errorf("phonemes of type %q are not supported", j.PhonemeType)
	case j.NumSpeakers > 1:
		return nil, fmt.Errorf("voices with %d speakers are not supported", j.NumSpeakers)
	case j.NumSymbols < 1 || j.NumSymbols > 1<<16:
		return nil, fmt.Errorf("%d symbols", j.NumSymbols)
	}
	c := &piperConfig{
		rate: j.Audio.SampleRate, voice: j.Espeak.Voice, symbols: j.NumSymbols, language: j.Language.Code,
		ids: make(map[rune][]int64, len(j.PhonemeIDs)), scales: [3]float32{0.667, 1, 0.8}, // Piper's own defaults
	}
	for i, v := range []*float32{j.Inference.NoiseScale, j.Inference.LengthScale, j.Inference.NoiseW} {
		if v != nil {
			c.scales[i] = *v
		}
	}
	if c.scales[0] < 0 || c.scales[0] > 2 || c.scales[1] < 0.1 || c.scales[1] > 10 || c.scales[2] < 0 || c.scales[2] > 2 {
		return nil, fmt.Errorf("scales %v out of range", c.scales)
	}
	return c, c.fill(j.PhonemeIDs)
}

// fill checks the phoneme table: one character each, ids within the model's symbols, the three
// control symbols present.
func (c *piperConfig) fill(table map[string][]int64) error {
	for phoneme, ids := range table {
		r := []rune(phoneme)
		if len(r) != 1 {
			return fmt.Errorf("phoneme %q is not one character", phoneme)
		}
		if len(ids) == 0 || len(ids) > 8 {
			return fmt.Errorf("phoneme %q has %d ids", phoneme, len(ids))
		}
		for _, id := range ids {
			if id < 0 || id >= c.symbols {
				return fmt.Errorf("phoneme %q has id %d of %d", phoneme, id, c.symbols)
			}
		}
		c.ids[r[0]] = ids
	}
	c.pad, c.start, c.end = c.ids['_'], c.ids['^'], c.ids['$']
	if c.pad == nil || c.start == nil || c.end == nil {
		return errors.New("phoneme table lacks one of _ ^ $")
	}
	return nil
}

// encode turns phonemes into the model's ids: start, a pad, then each phoneme followed by a pad,
// then end. Characters are decomposed first (NFD). Characters that the voice does not know are left
// out and counted as unknown; known counts the letters among the others, not marks, stress and
// spaces.
func (c *piperConfig) encode(phonemes string) (ids []int64, known, unknown int) {
	ids = append(append(ids, c.start...), c.pad...)
	for _, r := range norm.NFD.String(phonemes) {
		id, ok := c.ids[r]
		if !ok || r == '_' || r == '^' || r == '$' {
			unknown++
			continue
		}
		if unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lu) {
			known++
		}
		ids = append(append(ids, id...), c.pad...)
	}
	return append(ids, c.end...), known, unknown
}
