package smoke

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/livekit/protocol/auth"
	lkproto "github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

func (s *sensory) botArgs(identity, wav string) []string {
	args := []string{
		"bot", "--json", "--url", s.URL, "--room", s.room, "--identity", identity, "--agent", s.persona,
		"--record", wav, "--wait", s.Budgets.Complete.String(), "--settle", "1s",
	}
	if s.Withhold == WithholdSpeech {
		return append(args, "--wav", filepath.Join(s.Artifacts, "silence.wav"))
	}
	return append(args, "--say", s.ask.Question)
}

// exchange is what one human noticed.
type exchange struct {
	spoke, audio, transcribed time.Time
	transcript, heard         string
}

// ask1 runs one human to its end.
func (s *sensory) ask1(ctx context.Context, identity string, args []string) (exchange, error) {
	var x exchange
	token, err := s.token(identity, false)
	if err != nil {
		return x, err
	}
	if s.Withhold == WithholdSpeech {
		if err := writeSilence(filepath.Join(s.Artifacts, "silence.wav")); err != nil {
			return x, err
		}
	}
	human, err := spawn(ctx, s.Binary, []string{"LIVEKIT_TOKEN=" + token}, args...)
	if err != nil {
		return x, err
	}
	failed := ""
	for r := range human.reports {
		switch {
		case r.Event == "spoke":
			x.spoke = r.At
		case (r.Event == "voice" || r.Event == "audible") && r.Who == s.persona && !x.spoke.IsZero() && x.audio.IsZero():
			x.audio = r.At
		case r.Event == "transcript" && r.Final && r.Who == s.persona && !x.spoke.IsZero():
			x.transcribed, x.transcript = r.At, r.Text
		case r.Event == "transcript" && r.Final && r.Who != s.persona:
			x.heard = r.Text
		}
	}
	<-human.ended
	if human.err != nil {
		failed = human.problem()
	}
	if x.spoke.IsZero() {
		return x, fmt.Errorf("the human could not ask: %s", failed)
	}
	return x, nil
}

func writeSilence(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(media.WriteWAV(f, speech.SampleRate, make([]float32, speech.SampleRate)), f.Close())
}

func (s *sensory) speech(ctx context.Context, path string) (time.Duration, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // the human gave up before it could record
	}
	if err != nil {
		return 0, err
	}
	wav, err := media.ReadWAV(f)
	if errors.Is(err, media.ErrWAVEmpty) {
		err = nil // nothing was heard
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return s.Speech(ctx, wav.Samples)
}

// token lets one participant into the room of this run. The persona's may lack the right to send
// data.
func (s *sensory) token(identity string, agent bool) (string, error) {
	yes, data := true, !agent || s.Withhold != WithholdData
	token := auth.NewAccessToken(s.APIKey, s.APISecret).SetIdentity(identity).SetValidFor(tokenLife).SetVideoGrant(&auth.VideoGrant{
		RoomJoin: true, Room: s.room, Agent: agent, CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &data, CanUpdateOwnMetadata: &yes,
	})
	if agent {
		token.SetKind(lkproto.ParticipantInfo_AGENT)
	}
	return token.ToJWT()
}
