package limits_test

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

func TestDefaultsFillWhatIsEmpty(t *testing.T) {
	var empty limits.Limits
	if err := empty.Validate(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(limits.Default(), empty); diff != "" {
		t.Errorf("empty limits are not the default (-want +got):\n%s", diff)
	}
	some := limits.Limits{ChatBytes: 7, StreamIdle: time.Second}
	if err := some.Validate(); err != nil {
		t.Fatal(err)
	}
	want := limits.Default()
	want.ChatBytes, want.StreamIdle = 7, time.Second
	if diff := cmp.Diff(want, some); diff != "" {
		t.Errorf("a limit that was given is lost (-want +got):\n%s", diff)
	}
}

// TestDefaultsAreWhatTheDocumentationSays holds the figures that docs/operating.md names.
func TestDefaultsAreWhatTheDocumentationSays(t *testing.T) {
	want := map[string]int64{
		"chat_bytes": 16384, "chats_per_minute": 20, "chat_burst": 6, "room_chats_per_minute": 120, "room_chat_burst": 24,
		"streams": 8, "room_streams": 64, "stream_idle": int64(30 * time.Second), "stream_life": int64(10 * time.Minute),
		"data_packets": 100, "data_bytes": 262144, "user_bytes": 32768,
		"audio_tracks": 2, "video_tracks": 2, "room_audio_tracks": 16, "room_video_tracks": 16,
		"participants": 64, "name_bytes": 256, "identity_bytes": 512, "metadata_bytes": 4096, "attribute_bytes": 8192,
		"updates_per_minute": 120, "update_burst": 20, "log_lines": 20,
	}
	std := limits.Default()
	got := map[string]int64{}
	for _, f := range std.Fields() {
		if f.Int != nil {
			got[f.Key] = int64(*f.Int)
		} else {
			got[f.Key] = int64(*f.Duration)
		}
		if f.Doc == "" || !regexp.MustCompile(`^[a-z_]+$`).MatchString(f.Key) {
			t.Errorf("field %q has doc %q", f.Key, f.Doc)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryFieldHasARange sets each limit to the edges of its range and beyond, with all others at
// their defaults.
func TestEveryFieldHasARange(t *testing.T) {
	std := limits.Default()
	for i, f := range std.Fields() {
		lowest, highest := int64(1), int64(1<<20)
		switch {
		case f.Duration != nil:
			lowest, highest = int64(time.Millisecond), int64(24*time.Hour)
		case f.Bytes:
			highest = 64 << 20
		}
		for _, c := range []struct {
			value int64
			ok    bool
		}{{lowest, true}, {highest, true}, {lowest - 1, false}, {-1, false}, {highest + 1, false}} {
			if c.value == 0 {
				continue // the default
			}
			l := wide(f.Key, c.value)
			at := l.Fields()[i]
			if at.Int != nil {
				*at.Int = int(c.value)
			} else {
				*at.Duration = time.Duration(c.value)
			}
			err := l.Validate()
			var field *limits.FieldError
			switch {
			case c.ok && err != nil:
				t.Errorf("%s = %d: %v", f.Key, c.value, err)
			case !c.ok && (!errors.Is(err, limits.ErrLimits) || !errors.As(err, &field) || field.Key != f.Key):
				t.Errorf("%s = %d: got %v, want an error that names it", f.Key, c.value, err)
			}
		}
	}
}

// wide returns limits whose pairs leave the named one free to take any value of its range.
func wide(key string, value int64) limits.Limits {
	l := limits.Default()
	most := 1 << 20
	l.RoomStreams, l.RoomChatsPerMinute, l.RoomChatBurst, l.RoomAudioTracks, l.RoomVideoTracks = most, most, most, most, most
	l.StreamLife = 24 * time.Hour
	if len(key) > 5 && key[:5] == "room_" {
		l.Streams, l.ChatsPerMinute, l.ChatBurst, l.AudioTracks, l.VideoTracks = 1, 1, 1, 1, 1
	}
	if key == "stream_life" {
		l.StreamIdle = time.Duration(min(value, int64(time.Millisecond)))
		if l.StreamIdle < time.Millisecond {
			l.StreamIdle = time.Millisecond
		}
	}
	return l
}

func TestLimitsOfARoomAreNotBelowThoseOfOne(t *testing.T) {
	for key, change := range map[string]func(*limits.Limits){
		"room_streams":          func(l *limits.Limits) { l.RoomStreams = l.Streams - 1 },
		"room_chats_per_minute": func(l *limits.Limits) { l.RoomChatsPerMinute = l.ChatsPerMinute - 1 },
		"room_chat_burst":       func(l *limits.Limits) { l.RoomChatBurst = l.ChatBurst - 1 },
		"room_audio_tracks":     func(l *limits.Limits) { l.RoomAudioTracks = l.AudioTracks - 1 },
		"room_video_tracks":     func(l *limits.Limits) { l.RoomVideoTracks = l.VideoTracks - 1 },
		"stream_life":           func(l *limits.Limits) { l.StreamLife = l.StreamIdle - 1 },
	} {
		l := limits.Default()
		change(&l)
		var field *limits.FieldError
		if err := l.Validate(); !errors.As(err, &field) || field.Key != key {
			t.Errorf("%s below its part: got %v", key, err)
		}
	}
	equal := limits.Default()
	equal.RoomStreams, equal.RoomChatBurst, equal.RoomChatsPerMinute = equal.Streams, equal.ChatBurst, equal.ChatsPerMinute
	equal.RoomAudioTracks, equal.RoomVideoTracks, equal.StreamLife = equal.AudioTracks, equal.VideoTracks, equal.StreamIdle
	if err := equal.Validate(); err != nil {
		t.Errorf("a room as large as one participant: %v", err)
	}
}
