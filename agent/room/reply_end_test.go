package room_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// ends is every error of a room, by its name, and how a reply ended that has it.
func ends() map[string]struct {
	err  error
	want room.ReplyEnd
} {
	return map[string]struct {
		err  error
		want room.ReplyEnd
	}{
		"ErrInterrupted": {room.ErrInterrupted, room.ReplyInterrupted},
		"ErrSuperseded":  {room.ErrSuperseded, room.ReplySuperseded},
		"ErrYielded":     {room.ErrYielded, room.ReplyYielded},
		"ErrWritten":     {room.ErrWritten, room.ReplyWritten},

		"ErrWithdrawn":   {room.ErrWithdrawn, room.ReplyEnded},
		"ErrGuess":       {room.ErrGuess, room.ReplyEnded},
		"ErrClosed":      {room.ErrClosed, room.ReplyEnded},
		"ErrRoomGone":    {room.ErrRoomGone, room.ReplyEnded},
		"ErrRoomClosed":  {room.ErrRoomClosed, room.ReplyEnded},
		"ErrRoomDeleted": {room.ErrRoomDeleted, room.ReplyEnded},
		"ErrOtherRoom":   {room.ErrOtherRoom, room.ReplyEnded},
		"ErrSplit":       {room.ErrSplit, room.ReplyEnded},
		"ErrRemoved":     {room.ErrRemoved, room.ReplyEnded},

		"ErrConfig":       {room.ErrConfig, room.ReplyFailed},
		"ErrNoHistory":    {room.ErrNoHistory, room.ReplyFailed},
		"ErrNoSight":      {room.ErrNoSight, room.ReplyFailed},
		"ErrTaken":        {room.ErrTaken, room.ReplyFailed},
		"ErrListener":     {room.ErrListener, room.ReplyFailed},
		"ErrCrowded":      {room.ErrCrowded, room.ReplyFailed},
		"ErrLate":         {room.ErrLate, room.ReplyFailed},
		"ErrUnheard":      {room.ErrUnheard, room.ReplyFailed},
		"ErrSilent":       {room.ErrSilent, room.ReplyFailed}, // of a reason that nobody named
		"ErrRefused":      {room.ErrRefused, room.ReplyFailed},
		"ErrStalled":      {room.ErrStalled, room.ReplyFailed},
		"ErrNoStore":      {room.ErrNoStore, room.ReplyFailed},
		"ErrUndelivered":  {room.ErrUndelivered, room.ReplyFailed},
		"ErrCloseLimit":   {room.ErrCloseLimit, room.ReplyFailed},
		"ErrNothingWaits": {room.ErrNothingWaits, room.ReplyFailed},
		"ErrGrant":        {room.ErrGrant, room.ReplyFailed},
	}
}

// TestHowRepliesEnd: of every error of a room it is known whether something went wrong.
func TestHowRepliesEnd(t *testing.T) {
	t.Parallel()
	for name, c := range ends() {
		for _, err := range []error{c.err, &room.StageError{Stage: room.StageRoom, Err: fmt.Errorf("reply: %w: more", c.err)}} {
			if got := room.ReplyEndOf(err); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	}
	for _, why := range turn.Reasons() {
		want := room.ReplyEnded
		switch why {
		case turn.ReasonLeaseRefused, turn.ReasonNoWindow, turn.ReasonContextEvicted, turn.ReasonCrowded, turn.ReasonNoAudio, turn.ReasonInterrupted,
			turn.ReasonSuperseded, turn.ReasonStale, turn.ReasonFailed, turn.ReasonStalled, turn.ReasonOverTime, turn.ReasonClosed:
			want = room.ReplyFailed // or an error of their own
		}
		if got := room.ReplyEndOf(&room.SilentError{Why: why}); got != want {
			t.Errorf("%s: %s, want %s", why, got, want)
		}
	}
	for err, want := range map[error]room.ReplyEnd{nil: room.ReplySpoken, reply.ErrFinished: room.ReplyEnded, errors.New("the model"): room.ReplyFailed} {
		if got := room.ReplyEndOf(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// TestEveryErrorOfARoomIsAmongThem: what is added has to be thought of.
func TestEveryErrorOfARoomIsAmongThem(t *testing.T) {
	t.Parallel()
	known, seen, used := ends(), 0, map[room.ReplyEnd]bool{room.ReplySpoken: true}
	for _, c := range known {
		used[c.want] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			for i := 0; ok && i < len(spec.Names); i++ {
				if name := spec.Names[i].Name; strings.HasPrefix(name, "Err") {
					if seen++; known[name].err == nil {
						t.Errorf("%s is not in the table", name)
					}
				}
			}
			return true
		})
	}
	if seen != len(known) {
		t.Errorf("%d errors, %d in the table", seen, len(known))
	}
	for _, end := range room.ReplyEnds() {
		if !used[end] {
			t.Errorf("nothing ends as %s", end)
		}
		delete(used, end)
	}
	if len(used) > 0 || slices.Contains(room.ReplyEnds(), "") {
		t.Errorf("%v", used)
	}
}
