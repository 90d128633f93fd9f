package lkroom_test

import (
	"testing"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
)

// TestAfterANewConnectionEverythingIsAsBefore: data is still taken past the SDK, own attributes are set again, and text goes out.
func TestAfterANewConnectionEverythingIsAsBefore(t *testing.T) {
	for name, lose := range map[string]func(*lkroom.Room){
		"resumed":   func(r *lkroom.Room) { lkroom.Simulate(r, lksdk.SimulateSignalReconnect) },
		"restarted": lkroom.Restart,
	} {
		t.Run(name, func(t *testing.T) {
			if name == "resumed" && raceDetector {
				t.Skip("pion/ice v4.4.0 writes its list of servers when a connection is resumed, while its gathering goroutines read it")
			}
			s := startServer(t)
			ada := join(t, config(s, "ada", false))
			agent := join(t, config(s, "agent", true))
			agent.SetAttributes(map[string]string{lkroom.AttrState: lkroom.StateSpeaking})
			for next[lkroom.AttributesChanged](t, ada).Changed[lkroom.AttrState] != lkroom.StateSpeaking {
			}
			if err := ada.SendText(lkroom.TopicChat, "", "hello", nil); err != nil {
				t.Fatal(err)
			}
			next[lkroom.TextReceived](t, agent)
			lose(agent)
			if next[lkroom.Connection](t, agent).Up {
				t.Fatal("the connection did not go down first")
			}
			if !next[lkroom.Connection](t, agent).Up {
				t.Fatal("the connection did not come back")
			}
			if name == "restarted" {
				for next[lkroom.AttributesChanged](t, ada).Changed[lkroom.AttrState] != lkroom.StateSpeaking {
				}
			}
			if err := ada.SendText(lkroom.TopicChat, "", "are you there?", nil); err != nil {
				t.Fatal(err)
			}
			if got := next[lkroom.TextReceived](t, agent); got.Text != "are you there?" || got.From != "ada" {
				t.Errorf("got %+v", got)
			}
			if err := agent.SendText(lkroom.TopicChat, "", "yes", nil); err != nil {
				t.Fatal(err)
			}
			if got := next[lkroom.TextReceived](t, ada); got.Text != "yes" || got.From != "agent" || !got.Agent {
				t.Errorf("got %+v", got)
			}
		})
	}
}
