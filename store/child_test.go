package store_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/sensory-agent/sensory-agent/store"
)

// childJob tells the test program to be another process that works on a store.
const childJob = "STORE_TEST_CHILD"

// job is what a child does: in a room of a place, as often as it says, or until it is killed.
type job struct {
	Do, Place, Room string
	Count           int
}

// child does its job when its standard input ends, and says on a line of its own what the store has
// acknowledged.
func child(text string) int {
	var j job
	err := json.Unmarshal([]byte(text), &j)
	if err == nil {
		_, err = io.Copy(io.Discard, os.Stdin)
	}
	if err == nil {
		err = j.do(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (j *job) do(ctx context.Context) error {
	db, err := store.Open(ctx, j.Place)
	if err != nil {
		return err
	}
	for n := 0; j.Count == 0 || n < j.Count; n++ {
		if err := j.step(ctx, db, n); err != nil {
			return err
		}
	}
	return db.Close()
}

func (j *job) step(ctx context.Context, db *store.DB, n int) error {
	m := letter(n, j.Room, "ada", fmt.Sprint(n))
	switch {
	case j.Do == "room":
		r, err := db.SeeRoom(ctx, j.Room, began)
		fmt.Println(r.Handle)
		return err
	case j.Do == "keys":
		m.Key = fmt.Sprint("k", n)
	case j.Do == "mixed" && n%2 == 0:
		err := db.Append(ctx, []store.Utterance{line(n, j.Room, "ada", fmt.Sprint(n))}, nil)
		if err == nil {
			fmt.Println(n)
		}
		return err
	case j.Do == "apart":
		m.Participant = fmt.Sprint("p", os.Getpid())
	}
	kept, _, err := db.AddMessage(ctx, m, nil)
	if err == nil {
		fmt.Println(n, kept.ID)
	}
	return err
}

// working is a child at work.
type working struct {
	cmd   *exec.Cmd
	said  *bufio.Scanner
	begin func()
}

// send starts a child, which waits until it is to begin.
func send(t *testing.T, j job) *working {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childJob+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &working{cmd, bufio.NewScanner(out), func() { _ = in.Close() }}
}

// lines are what the child says from now on, to its end, which is to be a good one.
func (w *working) lines(t *testing.T) (out []string) {
	t.Helper()
	for w.said.Scan() {
		out = append(out, w.said.Text())
	}
	if err := errors.Join(w.said.Err(), w.cmd.Wait()); err != nil {
		t.Errorf("a child: %v", err)
	}
	return out
}
