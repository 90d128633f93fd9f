package script

import (
	"strconv"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// FormatEffect writes an effect as it stands in a script, without the arrow.
func FormatEffect(e turn.Effect) string {
	var c codec
	switch e := e.(type) {
	case turn.Start:
		start(&c, e)
	case turn.Guess:
		c.put("guess", strconv.FormatUint(e.Number, 10), e.Seat, "for", e.Who, e.Text)
		c.key("look", &e.Look)
		c.flag("dark", &e.Dark)
	case turn.Drop:
		c.put("drop", strconv.FormatUint(e.Number, 10), string(e.Why))
	case turn.Planned:
		planned(&c, e)
	case turn.Keep:
		c.put("keep", e.Who)
		c.number("n", &e.Utterance)
		c.number("turn", &e.Turn)
	case turn.Show:
		c.put("show", e.Who, string(e.Shape))
		c.key("mic", &e.Track)
	case turn.Wakes:
		c.put("wakes", e.Reply.String())
		c.number("turn", &e.Turn)
	case turn.Greet:
		c.put("greet", strconv.FormatUint(e.Turn, 10)+"/"+e.Seat)
	case turn.Round:
		c.put("round", strconv.FormatUint(e.Turn, 10))
		c.number("after", &e.After)
	case turn.Caption:
		c.put("caption", e.Reply.String())
		c.flag("final", &e.Final)
	case turn.Said:
		c.put("said", e.Reply.String(), e.Text)
		c.flag("cut", &e.Cut)
	case turn.Write:
		c.put("write", e.Reply.String(), e.Text)
	case turn.Silence:
		c.put("silence", strconv.FormatUint(e.Turn, 10)+"/"+e.Seat, string(e.Why))
	case turn.Skip:
		c.put("skip", e.Who, string(e.Why))
	case turn.Over:
		c.put("over", strconv.FormatUint(e.Turn, 10))
	default:
		control(&c, e)
	}
	return string(c.out)
}

// control writes the effects that steer what runs.
func control(c *codec, e turn.Effect) {
	switch e := e.(type) {
	case turn.Cancel:
		c.put("cancel", e.Reply.String(), string(e.Why))
	case turn.Finish:
		c.put("finish", e.Reply.String())
		c.key("why", (*string)(&e.Why))
	case turn.GiveFloor:
		c.put("floor", e.Reply.String())
	case turn.Gain:
		c.put("gain", e.Seat, strconv.FormatFloat(float64(e.Level), 'g', -1, 32))
	case turn.Check:
		c.put("check", e.Reply.String())
	case turn.Hold:
		c.put("hold", e.Seat, onOff(e.On))
	case turn.Flush:
		c.put("flush", e.Seat)
	case turn.State:
		c.put("state", e.Seat, string(e.State))
	case turn.Standing:
		missing := make([]string, len(e.Missing))
		for i, m := range e.Missing {
			missing[i] = string(m)
		}
		c.put("standing", e.Seat, map[bool]string{true: "ready", false: "not-ready"}[e.Ready])
		c.list("missing", &missing)
	case turn.Publish:
		c.put("publish", e.Seat, onOff(e.On))
	case turn.Subscribe:
		c.put("subscribe", e.Track)
	case turn.Look:
		c.put("look", e.Track)
	case turn.WakeAt:
		if e.At == 0 {
			c.put("wake", "never")
			return
		}
		c.put("wake", Seconds(e.At))
	}
}

func start(c *codec, e turn.Start) {
	c.put("start", e.Reply.String(), "for", e.Who, e.Text)
	c.key("look", &e.Look)
	c.flag("dark", &e.Dark)
	c.key("soon", &e.Soon)
	c.keySpan("wait", &e.Wait)
	c.flag("typed", &e.Typed)
	round := uint64(e.Round) // it is small
	c.number("round", &round)
	c.flag("say", &e.Say)
	c.number("guess", &e.Guess)
}

func planned(c *codec, e turn.Planned) {
	c.put("plan", strconv.FormatUint(e.Turn, 10))
	for _, r := range e.Replies {
		c.put(place(r))
	}
	c.key("source", &e.Source)
	c.key("of", &e.Plan)
	c.key("print", &e.Fingerprint)
}

// place is a reply among those of its turn: "max/1", in a lane "north:max/1".
func place(r turn.Placed) string {
	word := r.Seat + "/" + strconv.Itoa(r.Wave)
	if r.Lane != "" {
		word = r.Lane + ":" + word
	}
	return word
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (c *codec) put(words ...string) {
	for _, w := range words {
		c.text(&w)
	}
}

// lines writes effects one a line.
func lines(effects []turn.Effect) []string {
	out := make([]string, len(effects))
	for i, e := range effects {
		out[i] = FormatEffect(e)
	}
	return out
}
