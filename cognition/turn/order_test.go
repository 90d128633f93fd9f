package turn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

func TestWhoseQuestionIsAnsweredWhen(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want turn.Stats
	}{
		"one person asks one thing after another": {
			`
			1 write ada = start 1
			2 end 1     =
			3 say ada 2.5 = start 2
			4 audible   =
			5 end 2     =`,
			turn.Stats{Asked: 2, Answered: 2},
		},
		"a newer question takes the place of one's own": {
			`
			1 write ada = start 1
			2 write ada = stop start 2
			2 end 1     =
			3 say ada 2.5 = stop start 3
			4 end 3     =`,
			turn.Stats{Asked: 3, Answered: 3, Superseded: 2},
		},
		"nobody takes the answer of another": {
			`
			1 write ada = start 1
			2 write bob =
			3 say cid 2 =
			4 end 1     = start 3
			5 end 3     = start 2
			6 end 2     =`,
			turn.Stats{Asked: 3, Answered: 3, Waited: 2},
		},
		"a flood of one is one question at a time": {
			`
			1   write eve = start 1
			1.3 write eve = stop start 2
			1.6 write ada =
			1.9 write eve =
			2.2 write eve = superseded 4
			2.5 write eve = superseded 5
			3   end 2     = start 3
			3.1 write eve = superseded 6
			4   end 3     = start 7
			5   write ada =
			6   write eve =
			7   end 7     = start 8
			8   end 8     = start 9`,
			turn.Stats{Asked: 9, Answered: 6, Waited: 4, Superseded: 4},
		},
		"who had begun to speak is answered first, and the other anew": {
			`
			1   write eve = start 1
			2   say ada 0.5 = stop yielded start 2
			2.1 end 1     =
			3   end 2     = start 1
			4   end 1     =`,
			turn.Stats{Asked: 2, Answered: 3, Yielded: 1},
		},
		"an answer that was heard is not begun anew": {
			`
			1   write eve = start 1
			1.5 audible   =
			2   say ada 0.5 = stop start 2
			3   end 2     =`,
			turn.Stats{Asked: 2, Answered: 2, Yielded: 1},
		},
		"the one that is begun anew has been asked again meanwhile": {
			`
			1   write ada = start 1
			1.2 write eve =
			1.5 end 1     = start 2
			1.6 write bob =
			1.7 write eve =
			2   say ada 0.5 = stop yielded start 5 superseded 2
			3   end 5     = start 3
			4   end 3     = start 4`,
			turn.Stats{Asked: 5, Answered: 5, Waited: 3, Yielded: 1},
		},
		"the one that would be begun anew is the only one who waits": {
			`
			1  write eve = start 1
			2  write bob =
			50 write eve =
			63 say ada 0.5 = stop yielded start 4 stale 2 superseded 1
			64 end 4     = start 3`,
			turn.Stats{Asked: 4, Answered: 3, Waited: 2, Late: 1, Yielded: 1},
		},
		"who had begun to speak has written meanwhile": {
			`
			1   write eve = start 1
			1.2 write ada =
			2   say ada 0.5 = stop yielded start 3 superseded 2
			3   end 3     = start 1
			4   end 1     =`,
			turn.Stats{Asked: 3, Answered: 3, Waited: 1, Superseded: 1, Yielded: 1},
		},
		"nobody else waits any more": {
			`
			1  write ada = start 1
			2  write bob =
			50 write ada =
			63 write ada = stop start 4 stale 2 superseded 3
			64 end 4     =`,
			turn.Stats{Asked: 4, Answered: 2, Waited: 2, Superseded: 2, Late: 1},
		},
		"speaking gives no precedence over what was asked before": {
			`
			1   write eve = start 1
			3   say ada 1.5 =
			4   end 1     = start 2`,
			turn.Stats{Asked: 2, Answered: 2, Waited: 1},
		},
		"one's own spoken question supersedes and does not yield": {
			`
			1   write ada = start 1
			2   write bob =
			3   say ada 0.5 =
			4   end 1     = start 3
			5   end 3     = start 2`,
			turn.Stats{Asked: 3, Answered: 3, Waited: 2},
		},
		"spoken questions pass a written one twice": {
			`
			1 write ada = start 1
			2 write bob =
			3 say cid 2 =
			4 say dan 3 =
			5 say eva 4 =
			6 write fay =
			7 say gus 6 =
			10 end 1    = start 3
			11 end 3    = start 4
			12 end 4    = start 2
			13 end 2    = start 5
			14 end 5    = start 7
			15 end 7    = start 6`,
			turn.Stats{Asked: 7, Answered: 7, Waited: 6},
		},
		"who wrote and then says it has the place of who speaks": {
			`
			1 write ada = start 1
			2 write bob =
			3 write cid =
			4 say cid 3.5 = superseded 3
			5 write cid = superseded 4
			6 end 1     = start 5
			7 end 5     = start 2`,
			turn.Stats{Asked: 5, Answered: 3, Waited: 2, Superseded: 2},
		},
		"at most eight people wait": {
			`
			1 write a0 = start 1
			2 write a1 =
			2 write a2 =
			2 write a3 =
			2 write a4 =
			2 write a5 =
			2 write a6 =
			2 write a7 =
			2 write a8 =
			3 write a9 = crowded 10
			4 say b0 3 = crowded 9
			5 end 1    = start 11
			6 end 11   = start 2`,
			turn.Stats{Asked: 11, Answered: 3, Waited: 10, Crowded: 2, Waiting: 6},
		},
		"the one that yields keeps its place when eight wait": {
			`
			2 write a0 = start 1
			2 write a1 =
			2 write a2 =
			2 write a3 =
			2 write a4 =
			2 write a5 =
			2 write a6 =
			2 write a7 =
			2 write a8 =
			3 say b0 1 = stop yielded start 10 crowded 9
			4 end 10   = start 1`,
			turn.Stats{Asked: 10, Answered: 3, Waited: 8, Crowded: 1, Yielded: 1, Waiting: 7},
		},
		"who has waited for a minute is let go": {
			`
			1  write ada = start 1
			2  write bob =
			3  write cid =
			62 write dan = stale 2
			62.5 end 1   = start 3
			200 end 3    = stale 4`,
			turn.Stats{Asked: 4, Answered: 2, Waited: 3, Late: 2},
		},
		"a question finds the stale ones gone": {
			`
			1  write ada = start 1
			2  write bob =
			70 write bob = stale 2
			71 end 1     = start 3`,
			turn.Stats{Asked: 3, Answered: 2, Waited: 2, Late: 1},
		},
		"while nobody can hear it questions wait": {
			`
			1 shut      =
			2 write ada =
			3 write bob =
			4 write ada = superseded 1
			5 open      = start 3
			6 end 3     = start 2`,
			turn.Stats{Asked: 3, Answered: 2, Waited: 2, Superseded: 1},
		},
		"an answer that ends while nobody can hear it is followed by none": {
			`
			1 write ada = start 1
			2 write bob =
			3 shut      =
			4 end 1     =
			5 open      = start 2`,
			turn.Stats{Asked: 2, Answered: 2, Waited: 1},
		},
		"opening does not disturb the answer under way": {
			`
			1 write ada = start 1
			2 write bob =
			3 shut      =
			4 open      =
			5 end 1     = start 2`,
			turn.Stats{Asked: 2, Answered: 2, Waited: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable(t, turn.Default())
			table.Step(0, turn.Seated{Seat: "iris"})
			p := play{table: table}
			p.run(t, c.text)
			got := table.Stats()
			got.Stray = 0
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}
