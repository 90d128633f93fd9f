package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/addressing"
)

// addressingFlags say which lines are scored, whose answers, and what is shown.
type addressingFlags struct {
	lines, answers string
	wrong, asJSON  bool
	spoken         spokenFlags
}

func newBenchAddressingCommand(root *rootFlags) *cobra.Command {
	var f addressingFlags
	cmd := &cobra.Command{
		Use:   "addressing",
		Short: "How well it is recognised who is meant by what people type, beside naive ways",
		Long: `Scores the rules on labelled lines: those that they were improved on (tuned) and those that no rule was changed for (held out), in one run with
naive ways to decide the same. Recall is the share of calls that exactly those answer who are meant, false responses the share of the other lines
that somebody answers. It needs neither room nor model.

The lines are in cognition/turn/addressing, format and score in its doc.go. --lines scores lines of your own, which are in the same room.
--answers scores what another system did about them: a file with a label for each of the lines, in their order.

--spoken has the lines said by voices, sends that through an Opus coder, and has the ears of a profile hear it, told the names of the
personas: what is scored is what they understood. That takes about a second a line and voice on an idle machine. --kept keeps what was
heard, so that a run may be ended and go on. It ends with code 1 where recall is below .95 or false responses are above .03.`,
		Example: "  sensory-agent bench addressing --wrong\n" +
			"  sensory-agent bench addressing --spoken --limit 0 --kept heard.jsonl --wrong\n" +
			"  sensory-agent bench addressing --lines cognition/turn/addressing/heldout.txt --answers theirs.txt",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.choose(cmd, root) },
	}
	cmd.Flags().StringVar(&f.lines, "lines", "", "file of labelled lines, instead of those that are built in")
	cmd.Flags().StringVar(&f.answers, "answers", "", "file of labels: what another system did about --lines")
	cmd.Flags().BoolVar(&f.wrong, "wrong", false, "print the lines that the rules get wrong")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON instead of text")
	f.spoken.register(cmd)
	return cmd
}

// choose scores lines as they are typed, or as they are spoken.
func (f *addressingFlags) choose(cmd *cobra.Command, root *rootFlags) error {
	if !f.spoken.on {
		return f.run(cmd.OutOrStdout())
	}
	if f.answers != "" {
		return usageError{errors.New("--answers: what another system did about lines needs no --spoken")}
	}
	var err error
	if f.spoken.engine.file, err = root.configure(cmd); err != nil {
		return err
	}
	sets, err := spokenSets(f.lines)
	if err != nil {
		return err
	}
	return f.spoken.run(cmd, root, sets, f.wrong, f.asJSON)
}

// addressingResult is what bench addressing measured.
type addressingResult struct {
	Bench string          `json:"bench"`
	Sets  []addressingSet `json:"sets"`
}

// addressingSet is one set of lines.
type addressingSet struct {
	Set     string           `json:"set"`
	Lines   int              `json:"lines"`
	Ways    []addressingWay  `json:"ways"`
	Rules   []addressingRule `json:"rules"`
	Wrong   []addressingMiss `json:"wrong"`
	answers bool
}

type addressingWay struct {
	Way            string  `json:"way"`
	What           string  `json:"what"`
	Recall         float64 `json:"recall"`
	Right          int     `json:"right"`
	Addressed      int     `json:"addressed"`
	FalseResponses float64 `json:"false_responses"`
	False          int     `json:"false"`
	Others         int     `json:"others"`
}

type addressingRule struct {
	Rule  turn.Rule `json:"rule"`
	Lines int       `json:"lines"`
	Right int       `json:"right"`
}

type addressingMiss struct {
	Line  int      `json:"line"`
	Text  string   `json:"text"`
	Meant []string `json:"meant"`
	Got   []string `json:"got"`
}

func (f *addressingFlags) run(out io.Writer) error {
	if f.answers != "" && f.lines == "" {
		return usageError{errors.New("--answers: say with --lines which lines they are about")}
	}
	result := addressingResult{Bench: "addressing"}
	var err error
	if f.lines == "" {
		err = result.builtIn()
	} else {
		err = result.file(f.lines, f.answers)
	}
	if err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(out).Encode(result)
	}
	return printText(out, "%s", addressingText(&result, f.wrong))
}

func (r *addressingResult) builtIn() error {
	for _, set := range []struct {
		name string
		read func() ([]addressing.Line, error)
	}{{"tuned", addressing.Lines}, {"held out", addressing.HeldOut}} {
		lines, err := set.read()
		if err != nil {
			return err // it says of what
		}
		r.add(set.name, lines)
	}
	return nil
}

func (r *addressingResult) file(path, answers string) error {
	var lines []addressing.Line
	err := labelled(path, func(in io.Reader) (err error) {
		lines, err = addressing.Read(in)
		return err // it says of what
	})
	if err != nil {
		return err
	}
	r.add(path, lines)
	if answers == "" {
		return nil
	}
	return labelled(answers, func(in io.Reader) error {
		got, err := addressing.Answers(in)
		if err != nil {
			return err // it says of what
		}
		score, err := addressing.RateAnswers(lines, got)
		if err != nil {
			return err // it says of what
		}
		set := &r.Sets[0]
		set.Ways = append(set.Ways, way("answers", answers, &score))
		set.Wrong, set.answers = misses(&score), true
		return nil
	})
}

// labelled has a file of labels read. What is wrong with the labels is a wrong call.
func labelled(path string, read func(io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err // it names the file
	}
	defer func() { _ = file.Close() }()
	if err = read(file); err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", path, err)
	if errors.Is(err, addressing.ErrLines) {
		return usageError{err}
	}
	return err
}

// add scores one set of lines.
func (r *addressingResult) add(name string, lines []addressing.Line) {
	score := addressing.Rate(lines, turn.Address, nil)
	set := addressingSet{
		Set: name, Lines: len(lines), Ways: []addressingWay{way("rules", "those of this program", &score)}, Rules: []addressingRule{}, Wrong: misses(&score),
	}
	for _, n := range addressing.Naives() {
		other := addressing.Rate(lines, n.Address, nil)
		set.Ways = append(set.Ways, way(n.Name, n.Doc, &other))
	}
	for _, t := range score.Rules {
		if t.Lines > 0 {
			set.Rules = append(set.Rules, addressingRule(t))
		}
	}
	r.Sets = append(r.Sets, set)
}

func way(name, what string, s *addressing.Score) addressingWay {
	return addressingWay{
		Way: name, What: what, Recall: s.Recall(), Right: s.Right, Addressed: s.Addressed, FalseResponses: s.FalseResponses(), False: s.False, Others: s.Others,
	}
}

func misses(s *addressing.Score) []addressingMiss {
	out := []addressingMiss{}
	for _, m := range s.Misses {
		out = append(out, addressingMiss{m.Line.Number, m.Line.Text, m.Line.Meant, m.Got})
	}
	return out
}
