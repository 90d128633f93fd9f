package outside_test

import (
	"context"
	"testing"

	"github.com/pion/interceptor"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/impair"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/outside"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
	"github.com/sensory-agent/sensory-agent/testmedia/wire"
)

// TestMicrophonesOfOthersBringCopies: what LiveKit's other SDKs send is redundant audio, and a
// connection of ours that loses a fifth of the packets finds most of them in the packets behind:
// those SDKs send one copy.
func TestMicrophonesOfOthersBringCopies(t *testing.T) {
	program(t)
	sound, err := speech.Say(t.Context(), speech.Default, "The library is closed on Sunday afternoon, and the museum opens at ten in the morning.")
	if err != nil {
		t.Fatal(err)
	}
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, kind := range []outside.Kind{outside.Python, outside.Node} {
		t.Run(string(kind), func(t *testing.T) {
			link := impair.New(impair.Conditions{}, impair.Conditions{Loss: 0.2}, 3)
			room, err := lk.Join(t.Context(), lk.Config{
				URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: string(kind), Identity: "ear", Name: "ear",
				Agent: true, Interceptors: []interceptor.Factory{link},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := room.Close(); err != nil {
					t.Error(err)
				}
			}()
			client := visit(t, server, string(kind), outside.Config{Kind: kind, Sound: sound})
			do(t, client, outside.Command{Do: "microphone", On: true})
			got, err := wire.Receive(t.Context(), subscribed(t, room), 200)
			if err != nil {
				t.Fatal(err)
			}
			_, down := link.Counts()
			t.Logf("%s: %+v, the link %+v", got.Mime, got.Stats, down)
			if got.Mime != "audio/red" || down.Lost < 20 || got.Stats.Redundant < down.Lost/2 || got.Stats.Lost > got.Stats.Redundant/2 {
				t.Errorf("codec %s: %d packets lost, %d came as copies, %d are missing", got.Mime, down.Lost, got.Stats.Redundant, got.Stats.Lost)
			}
			if level := media.DBFS(got.PCM); level < -40 {
				t.Errorf("heard at %.1f dBFS", level)
			}
		})
	}
}

// subscribed subscribes to the first track that is offered.
func subscribed(t *testing.T, room *lk.Connection) lk.TrackSubscribed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for {
		select {
		case e := <-room.Events():
			switch e := e.(type) {
			case lk.TrackPublished:
				if err := e.Publication.Subscribe(true); err != nil {
					t.Fatal(err)
				}
			case lk.TrackSubscribed:
				return e
			}
		case <-ctx.Done():
			t.Fatalf("no track within %v", limit)
		}
	}
}
