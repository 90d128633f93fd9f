package hesitant

import (
	"bufio"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/media"
)

// Prompt is a sentence that a person said.
type Prompt struct {
	Name   string
	Pieces []string
	PCM    []float32
}

// Prompts are the sentences of a telephone exchange, said by a person: WAV files in a folder and
// what they say in the file core-sounds-en.txt beside them, as a package of Debian has them.
// Whoever judges gets the half that nothing is tuned on.
func Prompts(tb testing.TB, folder string, judge bool) (all []Prompt) {
	tb.Helper()
	f, err := os.Open(filepath.Join(folder, "core-sounds-en.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, text, ok := strings.Cut(lines.Text(), ": ")
		if !ok || (draw(name)%2 == 1) != judge {
			continue
		}
		for _, seed := range []uint32{draw(name), draw(name + "again")} { // each is said twice
			pieces := split(strings.TrimSpace(text), seed)
			if pieces == nil {
				break
			}
			if pcm := read(tb, filepath.Join(folder, name+".wav")); pcm != nil {
				all = append(all, Prompt{name, pieces, pcm})
			}
		}
	}
	return all
}

func draw(name string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return h.Sum32() >> 3
}

// split parts one whole sentence of 6 to 20 words into two or three pieces; nil for anything else.
func split(text string, seed uint32) []string {
	words := strings.Fields(text)
	if len(words) < 6 || len(words) > 20 || strings.HasPrefix(text, "...") || strings.HasSuffix(text, "...") ||
		!strings.ContainsAny(text[len(text)-1:], closing) || strings.ContainsAny(text[:len(text)-1], ".?!;:*#0123456789[(") {
		return nil
	}
	cuts := []int{2 + int(seed/2)%(len(words)-4)}
	if len(words) >= 9 {
		cuts = append(cuts, 2+int(seed/64)%(len(words)-4))
		slices.Sort(cuts)
		if cuts[1]-cuts[0] < 3 {
			cuts = cuts[:1]
		}
	}
	var pieces []string
	from := 0
	for _, c := range append(cuts, len(words)) {
		pieces, from = append(pieces, strings.Join(words[from:c], " ")), c
	}
	return pieces
}

func read(tb testing.TB, path string) []float32 {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		return nil // the list names more than there is
	}
	defer func() { _ = f.Close() }()
	wav, err := media.ReadWAV(f)
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return scripted.Trim(scripted.To16k(tb, wav.Samples, wav.Rate))
}
