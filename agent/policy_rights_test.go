package agent_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

func TestWhatAPersonaCanDo(t *testing.T) {
	all := lk.Permissions{CanSubscribe: true, CanPublish: true, CanPublishData: true, CanUpdateOwnMetadata: true}
	without := func(change func(*lk.Permissions)) lk.Permissions {
		p := all
		change(&p)
		return p
	}
	deaf := without(func(p *lk.Permissions) { p.CanSubscribe = false })
	mute := without(func(p *lk.Permissions) { p.CanPublish = false })
	noData := without(func(p *lk.Permissions) { p.CanPublishData = false })
	for name, c := range map[string]struct {
		s                       agent.Standing
		missing                 []agent.Grant
		heard, ready, republish bool
	}{
		"everything":               {agent.Standing{Up: true, Rights: all, Voice: true}, nil, true, true, false},
		"reconnecting":             {agent.Standing{Rights: all, Voice: true}, nil, false, false, false},
		"voice not published":      {agent.Standing{Up: true, Rights: all}, nil, false, false, true},
		"neither of both":          {agent.Standing{Rights: all}, nil, false, false, false},
		"deaf":                     {agent.Standing{Up: true, Rights: deaf, Voice: true}, []agent.Grant{agent.GrantSubscribe}, true, false, false},
		"mute":                     {agent.Standing{Up: true, Rights: mute, Voice: true}, []agent.Grant{agent.GrantPublish}, false, false, false},
		"mute, track taken":        {agent.Standing{Up: true, Rights: mute}, []agent.Grant{agent.GrantPublish}, false, false, false},
		"no data":                  {agent.Standing{Up: true, Rights: noData, Voice: true}, []agent.Grant{agent.GrantData}, true, false, false},
		"no data, only to speak":   {agent.Standing{Up: true, Rights: noData, Voice: true, VoiceOnly: true}, nil, true, true, false},
		"no right but only speaks": {agent.Standing{Up: true, VoiceOnly: true}, []agent.Grant{agent.GrantSubscribe, agent.GrantPublish}, false, false, false},
		"no right":                 {agent.Standing{Up: true}, []agent.Grant{agent.GrantSubscribe, agent.GrantPublish, agent.GrantData}, false, false, false},
	} {
		if got := c.s.Missing(); !slices.Equal(got, c.missing) {
			t.Errorf("%s: missing %v, want %v", name, got, c.missing)
		}
		if c.s.Heard() != c.heard || c.s.Ready() != c.ready || c.s.Republish() != c.republish {
			t.Errorf("%s: heard %v, ready %v, republish %v", name, c.s.Heard(), c.s.Ready(), c.s.Republish())
		}
	}
}

func TestGrantErrorNamesEachRight(t *testing.T) {
	for _, revoked := range []bool{false, true} {
		text := (&agent.GrantError{Missing: []agent.Grant{agent.GrantSubscribe, agent.GrantPublish, agent.GrantData}, Revoked: revoked}).Error()
		for _, want := range []string{
			"canSubscribe (it would hear and see nobody)", "canPublish (nobody would hear it)", "canPublishData (nobody would read its transcripts and chat)",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%q lacks %q", text, want)
			}
		}
		if strings.HasPrefix(text, "the token does not give rights") == revoked || strings.HasPrefix(text, "the server took rights away: ") != revoked ||
			strings.Contains(text, "given back") != revoked || strings.Contains(text, "have the token made") == revoked || strings.Contains(text, "only speaks") {
			t.Errorf("revoked %v: %q", revoked, text)
		}
		if !strings.Contains(text, "nobody), canPublish") {
			t.Errorf("%q runs together", text)
		}
	}
	for _, c := range []struct {
		missing agent.Grant
		revoked bool
		want    bool
	}{{agent.GrantData, false, true}, {agent.GrantData, true, false}, {agent.GrantPublish, false, false}} {
		err := &agent.GrantError{Missing: []agent.Grant{c.missing}, Revoked: c.revoked}
		if got := strings.Contains(err.Error(), "a persona that only speaks"); got != c.want || !errors.Is(err, agent.ErrGrant) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
