package room_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

func TestRightsThatAPersonaNeeds(t *testing.T) {
	for _, c := range []struct {
		given     lk.Permissions
		voiceOnly bool
		want      []room.Grant
	}{
		{lk.Permissions{CanSubscribe: true, CanPublish: true, CanPublishData: true}, false, nil},
		{lk.Permissions{CanPublish: true, CanPublishData: true}, false, []room.Grant{room.GrantSubscribe}},
		{lk.Permissions{CanSubscribe: true, CanPublishData: true}, true, []room.Grant{room.GrantPublish}},
		{lk.Permissions{CanSubscribe: true, CanPublish: true}, false, []room.Grant{room.GrantData}},
		{lk.Permissions{CanSubscribe: true, CanPublish: true}, true, nil},
		{lk.Permissions{}, true, []room.Grant{room.GrantSubscribe, room.GrantPublish}},
		{lk.Permissions{}, false, []room.Grant{room.GrantSubscribe, room.GrantPublish, room.GrantData}},
	} {
		if got := room.Missing(c.given, c.voiceOnly); !slices.Equal(got, c.want) {
			t.Errorf("%+v, voice only %v: %v, want %v", c.given, c.voiceOnly, got, c.want)
		}
	}
}

func TestGrantErrorNamesEachRight(t *testing.T) {
	for _, revoked := range []bool{false, true} {
		text := (&room.GrantError{Missing: []room.Grant{room.GrantSubscribe, room.GrantPublish, room.GrantData}, Revoked: revoked}).Error()
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
		missing room.Grant
		revoked bool
		want    bool
	}{{room.GrantData, false, true}, {room.GrantData, true, false}, {room.GrantPublish, false, false}} {
		err := &room.GrantError{Missing: []room.Grant{c.missing}, Revoked: c.revoked}
		if got := strings.Contains(err.Error(), "a persona that only speaks"); got != c.want || !errors.Is(err, room.ErrGrant) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
