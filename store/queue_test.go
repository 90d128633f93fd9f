package store_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestWhatWaitsIsCountedInBytes, whatever it is, and is nothing when it has been written.
func TestWhatWaitsIsCountedInBytes(t *testing.T) {
	db, broker := open(t), newBroker(t)
	held, err := broker.TryAcquire(compute.Demand{
		Artifact: "x", Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "x", Cost: compute.Cost{Units: 100}, TTL: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker})
	m := store.Message{
		RoomName: "lobby", Participant: "ada", Role: store.Human, Text: "What is it?", To: []string{"iris", "max"}, Key: "k1", At: began,
	}
	waits := 0
	for i, c := range []struct {
		put  func() error
		size int
	}{
		{func() error { _, err := w.PutMessage(m); return err }, 256 + len("lobby"+"ada"+"What is it?"+"k1"+"iris"+"max")},
		{func() error { return w.PutSpoken("m_1", "failed", "What") }, 128 + len("What")},
		{func() error { return w.PutTurn(turnOf(1, "lobby")) }, 512 + 4*128},
		{func() error { return w.Put(lines(0, 1)[0]) }, 0},
	} {
		if err := c.put(); err != nil {
			t.Fatal(err)
		}
		if c.size == 0 {
			u := lines(0, 1)[0]
			c.size = 128 + len(u.Room+u.Session+u.Participant+u.Text)
		}
		waits += c.size
		if st := w.Stats(); st.WaitingBytes != waits || st.Waiting != i+1 {
			t.Errorf("%d: %+v, want %d bytes", i, st, waits)
		}
	}
	held.Release()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if st := w.Stats(); st.Waiting != 0 || st.WaitingBytes != 0 || st.Written != 1 || st.Messages != 1 || st.Turns != 1 || st.Lost != 0 {
		t.Errorf("%+v", st)
	}
}
