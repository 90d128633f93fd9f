package room_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// Environment of scripts/bench-network and scripts/test-netem.
const (
	networkFolder = "SENSORY_AGENT_NETWORK"       // where figures are written to; they are taken where it is set
	networkTurns  = "SENSORY_AGENT_NETWORK_TURNS" // how many turns are spoken
	networkReal   = "SENSORY_AGENT_NETWORK_REAL"  // set where the machine's own network is bad: none is played
)

// fewTurns are spoken where nobody asks for figures, short ones.
const fewTurns = 5

// bad is the network that goals are stated for: 10 % loss and 50 ms of jitter, both ways.
var bad = impair.Conditions{Loss: 0.10, Delay: 60 * time.Millisecond, Jitter: 50 * time.Millisecond}

// figures are what scripts/bench-network prints. Times are in milliseconds.
type figures struct {
	Bench   string  `json:"bench"`
	Network string  `json:"network"`
	Turns   int     `json:"turns"`
	Ended   int     `json:"ended"` // turns that ended, with the persona listening after them
	Failed  int     `json:"failed"`
	Words   int     `json:"words"`
	Errors  int     `json:"word_errors"`
	WER     float64 `json:"wer_percent"`
	Packets uint64  `json:"packets"`
	Lost    uint64  `json:"packets_lost"`
	// EndMS is from the end of somebody's speech to the end of the persona's turn.
	EndMS struct {
		P50 float64 `json:"p50"`
		P95 float64 `json:"p95"`
		Max float64 `json:"max"`
	} `json:"end_ms"`

	sum    wer.Errors
	took   []time.Duration
	misses []string
}

// conversation is a persona and somebody who speaks with it over a bad network.
type conversation struct {
	*stage
	link *impair.Link // nil where the machine's own network is bad
}

// converse seats them.
func converse(t *testing.T, models *engine.Models, seed uint64) conversation {
	t.Helper()
	c := conversation{}
	human := participant.Config{Redundant: seed%2 == 0} // as browsers do, and as telephones do not
	if os.Getenv(networkReal) == "" {
		c.link = impair.New(bad, bad, seed)
		human.Link = c.link
	}
	c.stage = setStageWith(t, models, human)
	return c
}

// speak has them speak sentences, one a turn, and adds what came of it.
func (c conversation) speak(t *testing.T, sentences []string, mu *sync.Mutex, f *figures) {
	t.Helper()
	for _, said := range sentences {
		before := len(c.all())
		c.say(t, said)
		end := time.Now()
		heard, how := c.quiet(t, before)
		mu.Lock()
		f.Turns++
		f.sum = f.sum.Add(wer.Count(said, heard))
		f.took = append(f.took, how.at.Sub(end))
		if how.ended {
			f.Ended++
		}
		if how.failed != nil {
			f.Failed++
		}
		if wer.Count(said, heard).Total() > 0 {
			f.misses = append(f.misses, fmt.Sprintf("%q heard as %q", said, heard))
		}
		mu.Unlock()
	}
	if c.link != nil {
		up, _ := c.link.Counts()
		mu.Lock()
		f.Packets, f.Lost = f.Packets+up.Packets, f.Lost+up.Lost
		mu.Unlock()
	}
}

// outcome is how a turn went.
type outcome struct {
	ended  bool
	failed error
	at     time.Time // when it ended
}

// quiet waits until all that was heard since then has been answered and nothing more comes for a
// while.
func (c conversation) quiet(t *testing.T, since int) (heard string, how outcome) {
	t.Helper()
	const still = 1500 * time.Millisecond
	limit, last, seen := time.Now().Add(answerLimit), time.Now(), since
	for time.Now().Before(limit) {
		events := c.all()
		if len(events) > seen {
			seen, last = len(events), time.Now()
		}
		var words []string
		open := map[uint64]bool{}
		how = outcome{}
		for _, e := range events[since:] {
			switch e := e.(type) {
			case room.Heard:
				if e.Final {
					words, open[e.Turn] = append(words, e.Text), e.Turn != 0
				}
			case room.Unclear: // that is an end, too, which misheard words count
				how.ended, how.at = true, e.At
			case room.TurnDone:
				how.ended, how.at = true, e.Trace.Done
				// Who goes on after a pause has the answer to what she said before it end: that is
				// no fault.
				if err := e.Trace.Err; err != nil && !errors.Is(err, room.ErrInterrupted) && !errors.Is(err, room.ErrSuperseded) {
					how.failed = err
				}
				clear(open)
			}
		}
		heard = strings.Join(words, " ")
		if len(open) == 0 && how.ended && time.Since(last) > still {
			return heard, how
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("stuck: no end of a turn within %v; events: %+v", answerLimit, c.all()[since:])
	return heard, outcome{}
}

// rest fills in what follows from the rest.
func (f *figures) rest() {
	f.Words, f.Errors, f.WER = f.sum.Words, f.sum.Total(), f.sum.Percent()
	slices.Sort(f.took)
	at := func(share float64) float64 {
		if len(f.took) == 0 {
			return 0
		}
		return float64(f.took[int(share*float64(len(f.took)-1))].Milliseconds())
	}
	f.EndMS.P50, f.EndMS.P95, f.EndMS.Max = at(0.5), at(0.95), at(1)
}

// spokenSentences are n to speak: all of them in turn, or the shortest where there are few.
func spokenSentences(n int) []string {
	all := slices.Clone(wer.Sentences())
	if n <= fewTurns {
		slices.SortStableFunc(all, func(a, b string) int { return len(a) - len(b) })
	}
	var out []string
	for i := range n {
		out = append(out, all[i%len(all)])
	}
	return out
}

// TestTurnsOverABadNetwork: with 10 % loss and 50 ms of jitter both ways every turn ends, and at
// most 15 of a hundred words are misheard. Two rooms at once, one with copies in its packets (RED)
// and one without, where there are many.
func TestTurnsOverABadNetwork(t *testing.T) {
	t.Parallel()
	folder, n, rooms := os.Getenv(networkFolder), fewTurns, 1
	if text := os.Getenv(networkTurns); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("%s=%q is no number of turns", networkTurns, text)
		}
		rooms = 2
	}
	models := echoEngine(t, "Yes.")
	f := figures{Bench: "network", Network: "10 % loss, 60 ms ± 50 ms, both ways, played in the process"}
	if os.Getenv(networkReal) != "" {
		f.Network = "the machine's own (tc netem)"
	}
	var mu sync.Mutex
	sentences := spokenSentences(n)
	var talks []conversation
	for i := range rooms {
		talks = append(talks, converse(t, models, uint64(i)+3))
	}
	var all sync.WaitGroup
	for i, c := range talks {
		from, to := len(sentences)*i/rooms, len(sentences)*(i+1)/rooms
		all.Go(func() { c.speak(t, sentences[from:to], &mu, &f) })
	}
	all.Wait()
	f.rest()
	for _, m := range f.misses {
		t.Log(m)
	}
	t.Logf("%v; %d of %d packets lost", f.sum, f.Lost, f.Packets)
	if f.Turns != n || f.Ended != n || f.Failed != 0 || f.WER > 15 {
		t.Errorf("of %d turns %d ended, %d of them with an error; %.1f %% of the words misheard", f.Turns, f.Ended, f.Failed, f.WER)
	}
	if os.Getenv(networkReal) == "" && f.Lost*15 < f.Packets {
		t.Errorf("%d of %d packets lost: the network was not bad", f.Lost, f.Packets)
	}
	if folder != "" {
		save(t, folder, "turns", f, fmt.Sprintf(
			"%s\n%-44s %8s\n%-44s %8d\n%-44s %8d\n%-44s %8d\n%-44s %8.1f\n%-44s %8d\n%-44s %8d\n%-44s %8.0f\n%-44s %8.0f\n",
			f.Network, "what", "figure", "turns", f.Turns, "turns that ended, none of them stuck (all)", f.Ended, "turns that failed (0)", f.Failed,
			"words misheard, % (≤ 15)", f.WER, "packets of people", f.Packets, "of them lost", f.Lost,
			"end of speech → end of turn, p50, ms", f.EndMS.P50, "end of speech → end of turn, p95, ms", f.EndMS.P95))
	}
}

// save writes figures for machines and for people.
func save(t testing.TB, folder, name string, v any, text string) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{name + ".json": string(data) + "\n", name + ".txt": text} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
