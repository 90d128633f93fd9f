package hostile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/uuid"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// chunk is the content of one piece of a stream, in bytes: what the SDKs send.
const chunk = 15_000

// ErrRefused means that the server did not let an attack through.
var ErrRefused = errors.New("server refused")

// Config says which room is attacked, and as whom. All fields but the last two are needed.
type Config struct {
	URL, APIKey, APISecret, Room, Identity string
	// Name is what the attacker is called; Attributes are in its token.
	Name       string
	Attributes map[string]string
}

// Attacker is one hostile participant. Its methods may be called from any goroutine.
type Attacker struct {
	cfg  Config
	sdk  *lksdk.Room
	once sync.Once
	gone chan struct{}
}

// Join enters the room. The participant has the rights of any other; it is no agent.
func Join(ctx context.Context, cfg Config) (*Attacker, error) {
	yes := true
	token, err := auth.NewAccessToken(cfg.APIKey, cfg.APISecret).SetIdentity(cfg.Identity).SetName(cfg.Name).SetAttributes(cfg.Attributes).SetValidFor(time.Hour).
		SetVideoGrant(&auth.VideoGrant{
			RoomJoin: true, Room: cfg.Room, CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &yes, CanUpdateOwnMetadata: &yes,
		}).ToJWT()
	if err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	a := &Attacker{cfg: cfg, sdk: lksdk.NewRoom(nil), gone: make(chan struct{})}
	silent := protologger.LogRLogger(logr.Discard())
	a.sdk.SetLogger(silent)
	err = a.sdk.JoinWithContextAndToken(ctx, cfg.URL, token,
		lksdk.WithAutoSubscribe(false), lksdk.WithDisableRegionDiscovery(), lksdk.WithLogger(silent))
	if err != nil {
		a.Close()
		return nil, fmt.Errorf("hostile: %w", err)
	}
	return a, nil
}

// Close leaves the room as it is: published tracks are not taken back. It is idempotent.
func (a *Attacker) Close() {
	a.once.Do(func() {
		close(a.gone)
		a.sdk.Disconnect()
	})
}

// Identity returns the own identity.
func (a *Attacker) Identity() string { return a.cfg.Identity }

type rawPacket struct{ packet *livekit.DataPacket }

// ToProto implements lksdk.DataPacket.
func (p rawPacket) ToProto() *livekit.DataPacket { return p.packet }

// Send sends any packet.
func (a *Attacker) Send(packet *livekit.DataPacket) error {
	select {
	case <-a.gone:
		return io.ErrClosedPipe
	default:
		return a.sdk.LocalParticipant.PublishDataPacket(
			rawPacket{packet}, lksdk.WithDataPublishReliable(true), lksdk.WithDataPublishDestination(packet.GetDestinationIdentities()),
		)
	}
}

// Header begins a text stream, or one of bytes.
func (a *Attacker) Header(topic, id string, text bool, attrs map[string]string) error {
	h := &livekit.DataStream_Header{StreamId: id, Topic: topic, MimeType: "text/plain", Attributes: attrs}
	if text {
		h.ContentHeader = &livekit.DataStream_Header_TextHeader{TextHeader: &livekit.DataStream_TextHeader{}}
	} else {
		h.ContentHeader = &livekit.DataStream_Header_ByteHeader{ByteHeader: &livekit.DataStream_ByteHeader{Name: "x"}}
	}
	return a.Send(&livekit.DataPacket{Value: &livekit.DataPacket_StreamHeader{StreamHeader: h}})
}

// Piece sends a piece of any stream.
func (a *Attacker) Piece(id string, index uint64, content []byte) error {
	return a.Send(&livekit.DataPacket{Value: &livekit.DataPacket_StreamChunk{
		StreamChunk: &livekit.DataStream_Chunk{StreamId: id, ChunkIndex: index, Content: content},
	}})
}

// Trailer ends any stream.
func (a *Attacker) Trailer(id string, attrs map[string]string) error {
	return a.Send(&livekit.DataPacket{Value: &livekit.DataPacket_StreamTrailer{
		StreamTrailer: &livekit.DataStream_Trailer{StreamId: id, Attributes: attrs},
	}})
}

// Kill sends the three packets that end a process with the LiveKit SDK v2.19.0: a stream without
// attributes whose end has some, once as text and once as bytes, and the same with an attribute
// that is empty.
func (a *Attacker) Kill(topic string) error {
	for _, text := range []bool{true, false} {
		id := uuid.NewString()
		if err := errors.Join(a.Header(topic, id, text, nil), a.Piece(id, 0, []byte("x")), a.Trailer(id, map[string]string{"a": "b"})); err != nil {
			return err
		}
	}
	return nil
}

// Intrude writes into somebody else's open stream, and ends it.
func (a *Attacker) Intrude(id string, index uint64) error {
	return errors.Join(a.Piece(id, index, []byte("words of a stranger")), a.Trailer(id, map[string]string{"a": "b"}))
}

// OpenStreams opens text streams that never end, so many or until ctx ends, one every interval. It
// returns how many.
func (a *Attacker) OpenStreams(ctx context.Context, topic string, n int, every time.Duration) int {
	return a.repeat(ctx, n, every, func(int) error { return a.Header(topic, uuid.NewString(), true, nil) })
}

// BigStream sends one text stream of so many bytes, a piece every interval, and ends it. It returns
// the bytes that were sent.
func (a *Attacker) BigStream(ctx context.Context, topic string, bytes int, every time.Duration) int {
	id, content := uuid.NewString(), []byte(strings.Repeat("a", chunk))
	if a.Header(topic, id, true, nil) != nil {
		return 0
	}
	sent := a.repeat(ctx, (bytes+chunk-1)/chunk, every, func(i int) error { return a.Piece(id, uint64(i), content) }) // positive
	_ = a.Trailer(id, nil)
	return sent * chunk
}

// Chats sends whole messages on lk.chat, each in the three forms that clients use.
func (a *Attacker) Chats(ctx context.Context, n int, every time.Duration) int {
	return a.repeat(ctx, n, every, func(i int) error {
		text := fmt.Sprintf("message %d \x1b[31m\n\u202e", i)
		id := uuid.NewString()
		return errors.Join(
			a.Header("lk.chat", id, true, nil), a.Piece(id, 0, []byte(text)), a.Trailer(id, nil),
			a.Send(&livekit.DataPacket{Value: &livekit.DataPacket_ChatMessage{ChatMessage: &livekit.ChatMessage{Id: uuid.NewString(), Message: text + "!"}}}),
			a.Data("lk-chat-topic", []byte(`{"id":"`+uuid.NewString()+`","message":"legacy `+fmt.Sprint(i)+`"}`)),
		)
	})
}

// Data sends user data.
func (a *Attacker) Data(topic string, payload []byte) error {
	return a.Send((&lksdk.UserDataPacket{Topic: topic, Payload: payload}).ToProto())
}

// Flood sends user data on topics that nobody knows, a new one each time.
func (a *Attacker) Flood(ctx context.Context, n, bytes int) int {
	payload := []byte(strings.Repeat("\x00\xff", bytes/2))
	return a.repeat(ctx, n, time.Microsecond, func(i int) error { return a.Data(fmt.Sprintf("topic-%d\x1b[2J", i), payload) })
}

// Encrypted sends packets encrypted end to end, for which nobody has a key.
func (a *Attacker) Encrypted(ctx context.Context, n int, every time.Duration) int {
	return a.repeat(ctx, n, every, func(int) error {
		return a.Send(&livekit.DataPacket{Value: &livekit.DataPacket_EncryptedPacket{EncryptedPacket: &livekit.EncryptedPacket{
			EncryptionType: livekit.Encryption_GCM, Iv: make([]byte, 12), EncryptedValue: make([]byte, 64),
		}}})
	})
}

// Calls sends remote procedure calls to one participant.
func (a *Attacker) Calls(ctx context.Context, to string, n int, every time.Duration) int {
	return a.repeat(ctx, n, every, func(int) error {
		return a.Send(&livekit.DataPacket{
			DestinationIdentities: []string{to},
			Value: &livekit.DataPacket_RpcRequest{RpcRequest: &livekit.RpcRequest{
				Id: uuid.NewString(), Method: "x", Payload: strings.Repeat("p", 10_000), ResponseTimeoutMs: 1000, Version: 1,
			}},
		})
	})
}

// Weight sets metadata and attributes of about 60 KB each, near what servers take, and changes them
// n times.
func (a *Attacker) Weight(ctx context.Context, n int, every time.Duration) int {
	return a.repeat(ctx, n, every, func(i int) error {
		a.sdk.LocalParticipant.SetMetadata(strings.Repeat("m", 60_000) + fmt.Sprint(i))
		attrs := map[string]string{}
		for k := range 60 {
			attrs[fmt.Sprintf("key-%d", k)] = strings.Repeat("v", 900) + fmt.Sprint(i)
		}
		a.sdk.LocalParticipant.SetAttributes(attrs)
		return nil
	})
}

// repeat does something n times, once every interval, until ctx ends or it fails. It returns how
// often it was done.
func (a *Attacker) repeat(ctx context.Context, n int, every time.Duration, do func(i int) error) int {
	tick := time.NewTicker(max(every, time.Microsecond))
	defer tick.Stop()
	for i := range n {
		if do(i) != nil {
			return i
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return i + 1
		case <-a.gone:
			return i + 1
		}
	}
	return n
}
