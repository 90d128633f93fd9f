package whisper

import (
	"encoding/json"
	"fmt"
)

// maxTokenID bounds the ids that configuration files may name.
const maxTokenID = 1 << 20

// Generation says how tokens are generated: what generation_config.json decides.
type Generation struct {
	Prompt        []int64 // fed first
	End           int     // ends a transcript
	Suppress      []int   // never generated
	BeginSuppress []int   // never generated first
	FirstTime     int     // timestamp tokens begin here and are never generated; 0 where unknown
	NoSpeech      int     // its probability behind the first prompt token says that nobody speaks; 0 where unknown
	Previous      int     // begins the text before a transcript, which is fed before the prompt; 0 where unknown
	MaxLength     int     // tokens of a transcript, the prompt included
}

// generationFile is generation_config.json.
type generationFile struct {
	Start         *int            `json:"decoder_start_token_id"`
	End           json.RawMessage `json:"eos_token_id"` // a number, or a list of numbers
	Forced        [][2]*int       `json:"forced_decoder_ids"`
	Suppress      []int           `json:"suppress_tokens"`
	BeginSuppress []int           `json:"begin_suppress_tokens"`
	NoTimestamps  int             `json:"no_timestamps_token_id"`
	Previous      int             `json:"prev_sot_token_id"`
	Multilingual  bool            `json:"is_multilingual"`
	Languages     map[string]int  `json:"lang_to_id"`
	Tasks         map[string]int  `json:"task_to_id"`
	MaxLength     int             `json:"max_length"`
}

// ParseGeneration reads generation_config.json. language is an ISO code such as "en" and counts for
// multilingual models only. The error is ErrConfig.
func ParseGeneration(data []byte, language string) (*Generation, error) {
	var file generationFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%w: generation: %w", ErrConfig, err)
	}
	g := &Generation{Suppress: file.Suppress, BeginSuppress: file.BeginSuppress, MaxLength: file.MaxLength}
	if g.MaxLength < 8 || g.MaxLength > 1<<16 {
		return nil, fmt.Errorf("%w: generation: max_length %d", ErrConfig, g.MaxLength)
	}
	var err error
	if g.End, err = firstID(file.End); err != nil {
		return nil, err
	}
	if file.Start == nil {
		return nil, fmt.Errorf("%w: generation: no decoder_start_token_id", ErrConfig)
	}
	g.Prompt = []int64{int64(*file.Start)}
	if file.Multilingual {
		err = g.promptByTable(file, language)
	} else {
		err = g.promptByForce(file)
	}
	if err != nil {
		return nil, err
	}
	if file.NoTimestamps > 0 {
		g.FirstTime = file.NoTimestamps + 1
		g.NoSpeech = file.NoTimestamps - 1
		g.Previous = max(0, file.NoTimestamps-2) // as in all vocabularies of these models; older files do not name it
	}
	if file.Previous != 0 {
		g.Previous = file.Previous
	}
	return g, g.check()
}

// firstID reads a number or the first of a list.
func firstID(data json.RawMessage) (int, error) {
	var one int
	if err := json.Unmarshal(data, &one); err == nil && data != nil {
		return one, nil
	}
	var list []int
	if err := json.Unmarshal(data, &list); err != nil || len(list) == 0 {
		return 0, fmt.Errorf("%w: generation: eos_token_id %s", ErrConfig, data)
	}
	return list[0], nil
}

// promptByTable builds start, language, task, no timestamps.
func (g *Generation) promptByTable(file generationFile, language string) error {
	lang, ok := file.Languages["<|"+language+"|>"]
	if !ok {
		return fmt.Errorf("%w: generation: no language %q among %d", ErrConfig, language, len(file.Languages))
	}
	task, ok := file.Tasks["transcribe"]
	if !ok || file.NoTimestamps == 0 {
		return fmt.Errorf("%w: generation: no transcribe task or no_timestamps_token_id", ErrConfig)
	}
	g.Prompt = append(g.Prompt, int64(lang), int64(task), int64(file.NoTimestamps))
	return nil
}

// promptByForce takes the forced ids in their order, and adds the token against timestamps where
// they lack it.
func (g *Generation) promptByForce(file generationFile) error {
	for i, pair := range file.Forced {
		if pair[0] == nil || pair[1] == nil || *pair[0] != i+1 {
			return fmt.Errorf("%w: generation: forced_decoder_ids are not in order", ErrConfig)
		}
		g.Prompt = append(g.Prompt, int64(*pair[1]))
	}
	if last := g.Prompt[len(g.Prompt)-1]; file.NoTimestamps > 0 && last != int64(file.NoTimestamps) {
		g.Prompt = append(g.Prompt, int64(file.NoTimestamps))
	}
	return nil
}

// check refuses ids that no vocabulary holds.
func (g *Generation) check() error {
	ids := append([]int{g.End, g.FirstTime, g.NoSpeech, g.Previous}, g.Suppress...)
	ids = append(ids, g.BeginSuppress...)
	for _, id := range g.Prompt {
		ids = append(ids, int(id))
	}
	for _, id := range ids {
		if id < 0 || id >= maxTokenID {
			return fmt.Errorf("%w: generation: token id %d", ErrConfig, id)
		}
	}
	return nil
}
