package lk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/livekit/protocol/livekit"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

func narrow() limits.Limits {
	l := limits.Limits{
		Participants: 2, AudioTracks: 1, VideoTracks: 2, RoomAudioTracks: 2, RoomVideoTracks: 3, NameBytes: 4, IdentityBytes: 6,
		MetadataBytes: 4, AttributeBytes: 6, UpdatesPerMinute: 60, UpdateBurst: 2,
	}
	if err := l.Validate(); err != nil {
		panic(err)
	}
	return l
}

type person = livekit.ParticipantInfo

func info(identity string, version uint32, change func(*person)) *person {
	p := &person{Identity: identity, Sid: "PA_" + identity, Version: version, State: livekit.ParticipantInfo_ACTIVE}
	if change != nil {
		change(p)
	}
	return p
}

func track(sid string, kind livekit.TrackType, source livekit.TrackSource) *livekit.TrackInfo {
	return &livekit.TrackInfo{Sid: sid, Type: kind, Source: source}
}

func sids(p *person) (out []string) {
	for _, t := range p.Tracks {
		out = append(out, t.Sid)
	}
	return out
}

func same(t *testing.T, what string, got, want lk.Change) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestRosterComingAndGoing(t *testing.T) {
	r, now := lk.NewRoster(narrow()), time.Now()
	same(t, "a new one", r.Update(info("ada", 1, nil), now), lk.Change{Pass: true, Joined: true, Who: "ada"})
	same(t, "nothing new", r.Update(info("ada", 2, nil), now), lk.Change{Pass: true, Who: "ada"})
	same(t, "older news", r.Update(info("ada", 1, func(p *person) { p.Attributes = map[string]string{"a": "1"} }), now), lk.Change{})
	same(t, "a second", r.Update(info("bob", 1, nil), now), lk.Change{Pass: true, Joined: true, Who: "bob"})
	same(t, "one too many", r.Update(info("carol", 1, nil), now), lk.Change{Who: "carol", Refused: []limits.Kind{limits.Participants}})
	gone := func(p *person) { p.State = livekit.ParticipantInfo_DISCONNECTED }
	same(t, "one who was not attended to leaves", r.Update(info("carol", 2, gone), now), lk.Change{})
	same(t, "an earlier session ends late", r.Update(info("ada", 9, func(p *person) { gone(p); p.Sid = "PA_old" }), now), lk.Change{})
	same(t, "one leaves", r.Update(info("bob", 2, gone), now), lk.Change{Pass: true, Who: "bob", Left: "bob/PA_bob"})
	same(t, "there is room again", r.Update(info("carol", 3, nil), now), lk.Change{Pass: true, Joined: true, Who: "carol"})
	same(t, "the same person anew", r.Update(info("ada", 1, func(p *person) { p.Sid = "PA_2" }), now),
		lk.Change{Pass: true, Joined: true, Who: "ada", Left: "ada/PA_ada"})
	same(t, "a long identity", r.Update(info("eleven-bytes", 1, nil), now), lk.Change{Who: "eleven", Refused: []limits.Kind{limits.Identity}})
	if all := r.Everybody(); len(all) != 2 || all[0].Identity != "ada" || all[1].Identity != "carol" {
		t.Errorf("everybody: %+v", all)
	}
	if n, _, _ := r.Sizes(); n != 0 {
		t.Errorf("%d are left", n)
	}
}

// TestRosterKnowsOfWhatKindSomebodyIs: a person, a program, or somebody else, and whether they may
// change what their token says of them.
func TestRosterKnowsOfWhatKindSomebodyIs(t *testing.T) {
	for kind, want := range map[livekit.ParticipantInfo_Kind]lk.Participant{
		livekit.ParticipantInfo_STANDARD: {}, livekit.ParticipantInfo_AGENT: {Agent: true}, livekit.ParticipantInfo_SIP: {Other: true},
		livekit.ParticipantInfo_INGRESS: {Other: true}, livekit.ParticipantInfo_EGRESS: {Other: true},
	} {
		r := lk.NewRoster(narrow())
		for version, own := range []bool{false, true, false} {
			r.Update(info("ada", uint32(version), func(p *person) {
				p.Kind, p.Permission = kind, &livekit.ParticipantPermission{CanUpdateMetadata: own}
			}), time.Now())
			got := r.Everybody()[0]
			if got.Agent != want.Agent || got.Other != want.Other || got.OwnAttributes != own {
				t.Errorf("%v: %+v", kind, got)
			}
		}
	}
}

func TestRosterCutsTexts(t *testing.T) {
	r, now := lk.NewRoster(narrow()), time.Now()
	p := info("ada", 1, func(p *person) {
		p.Name, p.Metadata = "Ada Lovelace", "12345"
		p.Attributes = map[string]string{"a": "1", "b": "22", "c": "333"}
		p.Tracks = []*livekit.TrackInfo{{Sid: "T", Name: "microphone"}}
	})
	got := r.Update(p, now)
	same(t, "heavy", got, lk.Change{
		Pass: true, Joined: true, Who: "ada", Changed: map[string]string{"a": "1", "b": "22"},
		Refused: []limits.Kind{limits.Attributes, limits.Metadata, limits.Names},
	})
	if p.Name != "Ada " || p.Metadata != "" || len(p.Attributes) != 2 || p.Tracks[0].Name != "micr" {
		t.Errorf("the SDK is shown %v", p)
	}
	heavy := func(p *person) {
		p.Name, p.Metadata, p.Attributes = "Ada Lovelace", "12345", map[string]string{"a": "1", "b": "22", "c": "333"}
	}
	same(t, "still heavy: it was said", r.Update(info("ada", 2, heavy), now), lk.Change{Pass: true, Who: "ada"})
	r.Update(info("ada", 3, func(p *person) { p.Attributes = map[string]string{"a": "1", "b": "22"} }), now)
	same(t, "heavy again", r.Update(info("ada", 4, heavy), now),
		lk.Change{Pass: true, Who: "ada", Refused: []limits.Kind{limits.Attributes, limits.Metadata, limits.Names}})
	fits := info("bob", 1, func(p *person) {
		p.Name, p.Metadata, p.Attributes = "Bob!", "1234", map[string]string{"a": "12345"}
	})
	same(t, "just light enough", r.Update(fits, now), lk.Change{Pass: true, Joined: true, Who: "bob", Changed: map[string]string{"a": "12345"}})
	if fits.Name != "Bob!" || fits.Metadata != "1234" {
		t.Errorf("cut though it fits: %v", fits)
	}
}

func TestRosterTakesTracksUpToItsLimits(t *testing.T) {
	r, now := lk.NewRoster(narrow()), time.Now()
	audio, video := livekit.TrackType_AUDIO, livekit.TrackType_VIDEO
	crowd := func(version uint32) *person {
		return info("ada", version, func(p *person) {
			p.Tracks = []*livekit.TrackInfo{
				track("a9", audio, livekit.TrackSource_SCREEN_SHARE_AUDIO), track("v9", video, livekit.TrackSource_UNKNOWN),
				track("a1", audio, livekit.TrackSource_MICROPHONE), track("v2", video, livekit.TrackSource_SCREEN_SHARE),
				track("v1", video, livekit.TrackSource_CAMERA), track("d", livekit.TrackType_DATA, livekit.TrackSource_UNKNOWN),
			}
		})
	}
	p := crowd(1)
	same(t, "a crowd of tracks", r.Update(p, now),
		lk.Change{Pass: true, Joined: true, Who: "ada", Refused: []limits.Kind{limits.AudioTracks, limits.VideoTracks}})
	if got := sids(p); !slices.Equal(got, []string{"a1", "v1", "v2"}) {
		t.Errorf("taken: %v", got)
	}
	q := crowd(2)
	q.Tracks = append(q.Tracks, track("a0", audio, livekit.TrackSource_MICROPHONE))
	same(t, "one more", r.Update(q, now), lk.Change{Pass: true, Who: "ada", Refused: []limits.Kind{limits.AudioTracks}})
	if got := sids(q); !slices.Equal(got, []string{"a1", "v1", "v2"}) {
		t.Errorf("a track that was taken made way: %v", got)
	}
	b := info("bob", 1, func(p *person) {
		p.Tracks = []*livekit.TrackInfo{track("b1", video, livekit.TrackSource_CAMERA), track("b2", video, livekit.TrackSource_CAMERA)}
	})
	same(t, "the room has three", r.Update(b, now), lk.Change{Pass: true, Joined: true, Who: "bob", Refused: []limits.Kind{limits.VideoTracks}})
	if got := sids(b); !slices.Equal(got, []string{"b1"}) {
		t.Errorf("taken: %v", got)
	}
	less := info("ada", 3, func(p *person) { p.Tracks = []*livekit.TrackInfo{track("v2", video, livekit.TrackSource_SCREEN_SHARE)} })
	r.Update(less, now)
	if n, a, v := r.Sizes(); n != 2 || a != 0 || v != 2 {
		t.Errorf("%d participants, %d audio, %d video", n, a, v)
	}
	c := info("bob", 2, func(p *person) {
		p.Tracks = []*livekit.TrackInfo{track("b2", video, livekit.TrackSource_CAMERA), track("b1", video, livekit.TrackSource_CAMERA)}
	})
	r.Update(c, now)
	if got := sids(c); !slices.Equal(got, []string{"b1", "b2"}) {
		t.Errorf("what became free is not used: %v", got)
	}
	huge := info("bob", 3, func(p *person) {
		p.Tracks = []*livekit.TrackInfo{{Sid: "h", Type: audio, Stream: strings.Repeat("x", 9000)}}
	})
	same(t, "a huge description", r.Update(huge, now), lk.Change{Pass: true, Who: "bob", Refused: []limits.Kind{limits.AudioTracks}})
	r.Everybody()
	if n, a, v := r.Sizes(); n+a+v != 0 {
		t.Errorf("%d participants, %d audio, %d video are left", n, a, v)
	}
}

func TestRosterDeliversStormsOfUpdatesTogether(t *testing.T) {
	r, now := lk.NewRoster(narrow()), time.Now()
	set := func(version uint32, attrs map[string]string) lk.Change {
		return r.Update(info("ada", version, func(p *person) { p.Attributes = attrs }), now)
	}
	same(t, "first", set(1, map[string]string{"a": "1"}), lk.Change{Pass: true, Joined: true, Who: "ada", Changed: map[string]string{"a": "1"}})
	same(t, "second", set(2, map[string]string{"a": "2"}), lk.Change{Pass: true, Who: "ada", Changed: map[string]string{"a": "2"}})
	storm := lk.Change{Pass: true, Who: "ada", Refused: []limits.Kind{limits.Updates}}
	same(t, "third", set(3, map[string]string{"a": "3"}), storm)
	same(t, "fourth", set(4, map[string]string{"b": "4"}), storm)
	if got := r.Tick(now.Add(time.Second - 1)); len(got) != 0 {
		t.Errorf("told too early: %v", got)
	}
	want := map[string]map[string]string{"ada": {"a": "", "b": "4"}}
	if diff := cmp.Diff(want, r.Tick(now.Add(time.Second))); diff != "" {
		t.Errorf("together (-want +got):\n%s", diff)
	}
	if got := r.Tick(now.Add(time.Minute)); len(got) != 0 {
		t.Errorf("told twice: %v", got)
	}
}

// TestRosterIsBounded lets any updates loose on it.
func TestRosterIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := narrow()
		r, now := lk.NewRoster(l), time.Now()
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			p := info(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "who"), uint32(step), func(p *person) { // small
				p.Sid += rapid.SampledFrom([]string{"", "2"}).Draw(t, "session")
				p.State = rapid.SampledFrom([]livekit.ParticipantInfo_State{livekit.ParticipantInfo_ACTIVE, livekit.ParticipantInfo_DISCONNECTED}).Draw(t, "state")
				for i := range rapid.IntRange(0, 5).Draw(t, "tracks") {
					kind := rapid.SampledFrom([]livekit.TrackType{livekit.TrackType_AUDIO, livekit.TrackType_VIDEO}).Draw(t, "kind")
					p.Tracks = append(p.Tracks, track(fmt.Sprint(p.Identity, kind, i), kind, livekit.TrackSource_UNKNOWN))
				}
			})
			c := r.Update(p, now)
			n, a, v := r.Sizes()
			if n > l.Participants || a > l.RoomAudioTracks || v > l.RoomVideoTracks || a < 0 || v < 0 {
				t.Fatalf("%d participants, %d audio, %d video", n, a, v)
			}
			if c.Pass && p.State == livekit.ParticipantInfo_ACTIVE && len(p.Tracks) > l.AudioTracks+l.VideoTracks {
				t.Fatalf("the SDK is shown %d tracks", len(p.Tracks))
			}
		}
		r.Everybody()
		if n, a, v := r.Sizes(); n+a+v != 0 {
			t.Fatalf("%d participants, %d audio, %d video are left", n, a, v)
		}
	})
}
