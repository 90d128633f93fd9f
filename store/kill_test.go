package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/store"
)

// killsEnv says how often a process is killed; a few times without it.
const killsEnv = "STORE_KILLS"

// TestAKilledProcessKeepsWhatItAcknowledged kills one after the other in mid-write. What it had
// acknowledged is there, in its order, and nothing but it and what it was writing; the store opens
// as if nothing had been, and the next process writes on.
func TestAKilledProcessKeepsWhatItAcknowledged(t *testing.T) {
	kills := 6
	if text := os.Getenv(killsEnv); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	at, random := place(t), rand.New(rand.NewPCG(1, 2))
	want := map[string]int{} // rows of each room
	acknowledged := 0
	for k := range kills {
		room := fmt.Sprint("r", k)
		said := killed(t, job{Do: "mixed", Place: at, Room: room}, 1+random.IntN(16), time.Duration(random.IntN(4000))*time.Microsecond)
		there := survived(t, at, room)
		if there < said || there > said+1 {
			t.Fatalf("kill %d: %d rows are there, %d were acknowledged", k, there, said)
		}
		want[room] = there
		acknowledged += said
	}
	db, err := store.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, u := range list(t, db, store.Query{}) {
		want[u.Room]--
	}
	for _, m := range exported(t, db, store.ChatQuery{}) {
		want[m.RoomName]--
	}
	for room, left := range want {
		if left != 0 {
			t.Errorf("room %s: %d rows went later", room, left)
		}
	}
	t.Logf("%d kills, %d rows acknowledged, none lost", kills, acknowledged)
}

// killed lets a child work until it has acknowledged some rows, and a little longer, kills it, and
// returns how many it has acknowledged.
func killed(t *testing.T, j job, after int, longer time.Duration) (said int) {
	t.Helper()
	w := send(t, j)
	w.begin()
	for w.said.Scan() {
		if said++; said == after {
			<-time.After(longer)
			if err := w.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.cmd.Wait(); err == nil || said < after {
		t.Fatalf("the process ended by itself after %d rows: %v", said, err)
	}
	return said
}

// survived returns how many rows are there of a room, which have to be the first ones.
func survived(t *testing.T, at, room string) int {
	t.Helper()
	db, err := store.Open(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if verdict, err := db.Whole(t.Context()); verdict != "ok" || err != nil {
		t.Fatalf("the file is %s, %v", verdict, err)
	}
	var numbers []int
	number := func(text string) {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	for _, u := range list(t, db, store.Query{Room: room}) {
		number(u.Text)
	}
	if messages := len(numbers); messages > 0 { // it said something before it wrote
		for _, m := range exported(t, db, store.ChatQuery{Room: room}) {
			number(m.Text)
		}
		if !slices.IsSorted(numbers[:messages]) || !slices.IsSorted(numbers[messages:]) {
			t.Errorf("out of order: %v", numbers)
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if i != n {
			t.Fatalf("row %d is %d: %v", i, n, numbers)
		}
	}
	return len(numbers)
}
