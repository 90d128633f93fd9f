package agent

import "github.com/sensory-agent/sensory-agent/agent/lk"

// Grant is a right that a token gives, by its name in the token.
type Grant string

// Grants that a persona needs.
const (
	GrantSubscribe Grant = "canSubscribe"   // to hear and see
	GrantPublish   Grant = "canPublish"     // to be heard: with the microphone among canPublishSources, where that is given
	GrantData      Grant = "canPublishData" // to write: chat and transcripts
)

// without says what follows where a right is missing.
func (g Grant) without() string {
	switch g {
	case GrantSubscribe:
		return "it would hear and see nobody"
	case GrantPublish:
		return "nobody would hear it"
	case GrantData:
		return "nobody would read its transcripts and chat"
	}
	return "unknown right"
}

// standing is what a persona can do in its room. It is pure.
type standing struct {
	Up     bool // connected
	Rights lk.Permissions
	Voice  bool // its voice is published
	// VoiceOnly is true where it need not write.
	VoiceOnly bool
}

// Missing are the rights that are needed and not there.
func (s standing) Missing() []Grant {
	var out []Grant
	if !s.Rights.CanSubscribe {
		out = append(out, GrantSubscribe)
	}
	if !s.Rights.CanPublish {
		out = append(out, GrantPublish)
	}
	if !s.Rights.CanPublishData && !s.VoiceOnly {
		out = append(out, GrantData)
	}
	return out
}

// Heard tells whether somebody can hear it, so that an answer may begin.
func (s standing) Heard() bool { return s.Up && s.Rights.CanPublish && s.Voice }

// Ready tells whether it can do its work.
func (s standing) Ready() bool { return s.Heard() && len(s.Missing()) == 0 }

// Republish tells whether the voice is to be published again.
func (s standing) Republish() bool { return s.Up && s.Rights.CanPublish && !s.Voice }
