package lk_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestTextIsSentInPieces reads what waits to be sent, without a connection.
func TestTextIsSentInPieces(t *testing.T) {
	_, r := lk.Front(quiet{})
	text := "x" + strings.Repeat("€", 10_001) // 30,004 bytes; every piece would end inside a character
	stream, err := r.OpenText(lk.TopicTranscription, "ada", map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stream.Write(text), stream.Write(""), stream.Close(map[string]string{"c": "d"}), stream.Close(nil)); err != nil {
		t.Fatal(err)
	}
	if err := stream.Write("late"); !errors.Is(err, lk.ErrClosed) {
		t.Errorf("a closed stream takes text: %v", err)
	}
	packets := lk.Waiting(r)
	h := packets[0].GetStreamHeader()
	if h.GetTopic() != lk.TopicTranscription || h.GetAttributes()["a"] != "b" || packets[0].GetParticipantIdentity() != "ada" || h.GetTextHeader() == nil {
		t.Errorf("header %v", packets[0])
	}
	var got strings.Builder
	for i, p := range packets[1 : len(packets)-1] {
		c := p.GetStreamChunk()
		if c.GetStreamId() != h.GetStreamId() || c.GetChunkIndex() != uint64(i) || !utf8.Valid(c.GetContent()) || len(c.GetContent()) > 15_000 { // small
			t.Errorf("piece %d: index %d, %d bytes", i, c.GetChunkIndex(), len(c.GetContent()))
		}
		got.Write(c.GetContent())
	}
	end := packets[len(packets)-1].GetStreamTrailer()
	if got.String() != text || len(packets) != 1+3+1 || end.GetStreamId() != h.GetStreamId() || end.GetAttributes()["c"] != "d" || end.GetReason() != "" {
		t.Errorf("%d bytes of %d in %d packets, end %v", got.Len(), len(text), len(packets), end)
	}
}

// TestAPieceThatIsLostEndsItsStream: what follows it is not sent, and the end says that the text is
// not whole.
func TestAPieceThatIsLostEndsItsStream(t *testing.T) {
	_, r := lk.Front(quiet{})
	stream, err := r.OpenText(lk.TopicChat, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Write(strings.Repeat("x", lk.OutboxBytes)); err != nil { // does not fit
		t.Fatal(err)
	}
	waiting := len(lk.Waiting(r))
	if err := errors.Join(stream.Write("more"), stream.Close(nil)); err != nil {
		t.Fatal(err)
	}
	packets := lk.Waiting(r)
	if end := packets[len(packets)-1].GetStreamTrailer(); len(packets) != waiting+1 || end.GetReason() == "" {
		t.Errorf("%d packets after the loss, the last is an end for %q", len(packets)-waiting, end.GetReason())
	}
	if r.Sends().Dropped != 1 {
		t.Errorf("counted %+v", r.Sends())
	}
}

func TestWholeTextsAndTranscriptionsAreSent(t *testing.T) {
	_, r := lk.Front(quiet{})
	err := errors.Join(
		r.SendText(lk.TopicChat, "", "hi", map[string]string{"a": "b"}),
		r.SendTranscription("ada", "TR_1", lk.Segment("S", "text", true)),
	)
	if err != nil {
		t.Fatal(err)
	}
	packets := lk.Waiting(r)
	if len(packets) != 4 || string(packets[1].GetStreamChunk().GetContent()) != "hi" || packets[2].GetStreamTrailer() == nil {
		t.Fatalf("sent %v", packets)
	}
	tr := packets[3].GetTranscription()
	if tr.GetTranscribedParticipantIdentity() != "ada" || tr.GetTrackId() != "TR_1" || len(tr.GetSegments()) != 1 || !tr.GetSegments()[0].GetFinal() {
		t.Errorf("transcription %v", tr)
	}
	open, err := r.OpenText(lk.TopicChat, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	lk.Panic(r, "fault")
	for what, err := range map[string]error{
		"a piece":       open.Write("more"),
		"an end":        open.Close(nil),
		"text":          r.SendText(lk.TopicChat, "", "hi", nil),
		"transcription": r.SendTranscription("ada", "TR_1", &livekit.TranscriptionSegment{}),
	} {
		if !errors.Is(err, lk.ErrClosed) {
			t.Errorf("%s after the end: %v", what, err)
		}
	}
}

// TestTracksOfOneWhoLeavesAreGone is F8 without a server.
func TestTracksOfOneWhoLeavesAreGone(t *testing.T) {
	h, r := desk(t)
	ada := lk.Participant{Identity: "ada", SID: "PA_ada"}
	if !lk.PublishedBy(r, ada) {
		t.Fatal("not offered")
	}
	gone := info("ada", 2, func(p *person) { p.State = livekit.ParticipantInfo_DISCONNECTED })
	h.OnParticipantUpdate([]*person{gone})
	told(t, "ada leaves", lk.Told(r), lk.TrackGone{Participant: ada}, lk.ParticipantLeft{Participant: ada})
	if n := lk.Publications(r); n != 0 {
		t.Errorf("%d tracks are known", n)
	}
}
