package script

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// form is how one kind of event stands in a script.
type form struct {
	verb  string
	read  func(c *codec) turn.Event
	write func(c *codec, e turn.Event) bool // false for an event of another kind
}

func formOf[E turn.Event](verb string, fields func(c *codec, e *E)) form {
	return form{
		verb: verb,
		read: func(c *codec) turn.Event {
			var e E
			fields(c, &e)
			return e
		},
		write: func(c *codec, e turn.Event) bool {
			own, ok := e.(E)
			if ok {
				c.text(&verb)
				fields(c, &own)
			}
			return ok
		},
	}
}

func forms() []form {
	return append(roomForms(), append(speechForms(), reportForms()...)...)
}

func roomForms() []form {
	return []form{
		formOf("joined", func(c *codec, e *turn.PersonJoined) {
			c.text(&e.Who)
			c.key("name", &e.Name)
			c.flag("agent", &e.Agent)
		}),
		formOf("left", func(c *codec, e *turn.PersonLeft) { c.text(&e.Who) }),
		formOf("seated", func(c *codec, e *turn.Seated) {
			c.text(&e.Seat)
			c.list("alias", &e.Aliases)
			c.list("knows", &e.Specialty)
			c.key("lane", &e.Lane)
			c.key("greeting", &e.Greeting)
			c.keySpan("idle-after", &e.Idle.After)
			c.key("idle", &e.Idle.Say)
			c.flag("sees", &e.Sees)
			c.flag("remembers", &e.Remembers)
			c.flag("voice-only", &e.VoiceOnly)
			c.flag("muted", &e.Muted)
		}),
		formOf("unseated", func(c *codec, e *turn.Unseated) { c.text(&e.Seat) }),
		formOf("mute", func(c *codec, e *turn.SeatMuted) { c.text(&e.Seat); c.flag("on", &e.On) }),
		formOf("next", func(c *codec, e *turn.SpeakNext) { c.text(&e.Seat) }),
		formOf("stop", func(c *codec, e *turn.StopSpeaking) { c.key("seat", &e.Seat) }),
		formOf("connection", func(c *codec, e *turn.Connection) { c.text(&e.Seat); c.flag("up", &e.Up) }),
		formOf("rights", func(c *codec, e *turn.Rights) {
			c.text(&e.Seat)
			c.flag("subscribe", &e.Subscribe)
			c.flag("publish", &e.Publish)
			c.flag("data", &e.Data)
		}),
		formOf("voice", func(c *codec, e *turn.VoicePublished) { c.text(&e.Seat) }),
		formOf("offered", func(c *codec, e *turn.Offered) {
			c.text(&e.Who)
			c.text(&e.Track)
			c.text((*string)(&e.Source))
			c.flag("agent", &e.Agent)
		}),
		formOf("opened", func(c *codec, e *turn.Opened) { c.text(&e.Who); c.text(&e.Track); c.text((*string)(&e.Source)) }),
		formOf("shown", func(c *codec, e *turn.Shown) { c.text(&e.Track); c.number("n", &e.Number) }),
		formOf("hidden", func(c *codec, e *turn.Hidden) { c.text(&e.Track) }),
		formOf("withdrawn", func(c *codec, e *turn.Withdrawn) { c.number("turn", &e.Turn) }),
		formOf("other", func(c *codec, e *turn.OtherAgentSpeaks) { c.text(&e.Who); c.flag("on", &e.On) }),
		formOf("policy", func(c *codec, e *turn.Reconfigured) { policy(c, &e.Policy) }),
		formOf("leaving", func(c *codec, e *turn.Leaving) { c.key("seat", &e.Seat) }),
		formOf("closing", func(*codec, *turn.Closing) {}),
		formOf("tick", func(*codec, *turn.Tick) {}),
	}
}

func speechForms() []form {
	return []form{
		formOf("voiced", func(c *codec, e *turn.Voiced) { c.text(&e.Who); c.span(&e.Length); c.key("mic", &e.Track) }),
		formOf("interim", func(c *codec, e *turn.Interim) {
			c.text(&e.Who)
			c.text(&e.Text)
			c.at("to", &e.At)
			c.float("sure", &e.AvgLogProb)
			c.key("mic", &e.Track)
		}),
		formOf("paused", func(c *codec, e *turn.Paused) { c.text(&e.Who); c.at("to", &e.At); c.key("mic", &e.Track) }),
		formOf("resumed", func(c *codec, e *turn.Resumed) { c.text(&e.Who); c.key("mic", &e.Track) }),
		formOf("likely", func(c *codec, e *turn.Likely) {
			c.text(&e.Who)
			c.text(&e.Text)
			c.number("n", &e.Utterance)
			c.key("mic", &e.Track)
		}),
		formOf("ended", func(c *codec, e *turn.Ended) { c.text(&e.Who); c.number("n", &e.Utterance); c.key("mic", &e.Track) }),
		formOf("heard", func(c *codec, e *turn.Heard) {
			c.text(&e.Who)
			c.text(&e.Text)
			c.number("n", &e.Utterance)
			c.at("from", &e.From)
			c.at("to", &e.To)
			c.keySpan("voiced", &e.Voiced)
			c.float("sure", &e.AvgLogProb)
			c.key("fast", &e.Fast)
			c.key("mic", &e.Track)
		}),
		formOf("unclear", func(c *codec, e *turn.Unclear) {
			c.text(&e.Who)
			c.number("n", &e.Utterance)
			c.key("why", &e.Why)
			c.key("mic", &e.Track)
		}),
		formOf("typed", func(c *codec, e *turn.Typed) { c.text(&e.Who); c.text(&e.Text); c.flag("agent", &e.Agent) }),
		formOf("asked", func(c *codec, e *turn.Asked) {
			c.text(&e.Who)
			c.text(&e.Text)
			c.list("to", &e.To)
			ordered(c, &e.Plan)
		}),
	}
}

func reportForms() []form {
	return []form{
		formOf("ready", func(c *codec, e *turn.Ready) { reply(c, &e.Reply) }),
		formOf("thought", func(c *codec, e *turn.Thought) { reply(c, &e.Reply); c.text(&e.Text) }),
		formOf("audible", func(c *codec, e *turn.Audible) { reply(c, &e.Reply); c.text(&e.Text) }),
		formOf("sounded", func(c *codec, e *turn.Sounded) { reply(c, &e.Reply); c.span(&e.Ago) }),
		formOf("unheard", func(c *codec, e *turn.Unheard) { reply(c, &e.Reply) }),
		formOf("done", func(c *codec, e *turn.Done) {
			reply(c, &e.Reply)
			c.text((*string)(&e.Outcome))
			c.key("text", &e.Text)
		}),
	}
}

func reply(c *codec, r *turn.Reply) {
	asText(c, r, turn.Reply.String, func(s string) (turn.Reply, error) {
		out, ok := turn.ParseReply(s)
		if !ok {
			return out, fmt.Errorf("no reply: write it as 3/iris")
		}
		return out, nil
	}, c.text)
}
