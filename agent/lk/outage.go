package lk

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// The SDK tries a server that is away nine times, later and later: one that is back after 5 s is
// asked again after 9, and after 27 not before 42. So its attempts are held back here until
// somebody answers at the address, which is looked at often and costs next to nothing.
const (
	probeEvery = 250 * time.Millisecond
	probeLimit = 2 * time.Second // for one look; an address behind which packets vanish does not refuse
	awayLimit  = time.Minute     // as long as the SDK would have tried
)

// wait returns when the server answers, or the room is being left. The SDK calls it, through
// front.go, in the goroutine that makes the new connection. A server that is away for longer than
// awayLimit ends the room.
func (c *Connection) wait() {
	ctx, cancel := context.WithTimeout(context.Background(), awayLimit)
	defer cancel()
	every := time.NewTicker(probeEvery)
	defer every.Stop()
	for !c.there(ctx) {
		select {
		case <-every.C:
		case <-c.done:
			return
		case <-c.broken:
			return
		case <-ctx.Done():
			c.fail(fmt.Errorf("%w: no answer for %s", ErrUnreachable, awayLimit))
			return
		}
	}
}

// mind sees to it that a connection without signals is not taken for one that is up: the SDK looks
// away while it makes or continues one.
func (c *Connection) mind() {
	if c.sdk.ConnectionState() == lksdk.ConnectionStateConnected && c.ways.current() == nil {
		c.ways.lost()
	}
}

// answers tells whether a server is there. It asks what takes a token and gives none: a server
// refuses that, and a proxy whose server is away says so.
func answers(ctx context.Context, server string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	status, _, err := ask(ctx, server, "")
	if err != nil {
		return false
	}
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false
	}
	return true
}

// leftBehind are those who were there when the connection was lost, as the SDK is told of people
// who are gone. It forgets them itself where it begins with a new connection, and not where it has
// tried to continue the old one first.
func leftBehind(n news) (gone []*livekit.ParticipantInfo) {
	for _, ch := range n.changes {
		if ch.left != nil {
			gone = append(gone, &livekit.ParticipantInfo{
				Sid: ch.left.SID, Identity: ch.left.Identity, State: livekit.ParticipantInfo_DISCONNECTED,
			})
		}
	}
	return gone
}
