package leaktest

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long goroutines may take to end: LiveKit's SDK does not wait for those that close
// its transports, and on a machine that is busy they need seconds.
const patience = time.Minute

// Main runs the tests of a package, ends what they share, in this order, and looks for goroutines
// that are left. It returns the exit code.
func Main(m *testing.M, shared ...func() error) int {
	code := m.Run()
	for _, end := range shared {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if code == 0 {
		if err := find(patience); err != nil {
			fmt.Fprintln(os.Stderr, "leak:", err)
			code = 1
		}
	}
	return code
}

// boundLate is left behind where Pion (webrtc v4.2.19) binds a track to a connection that is closed
// at that moment: the sender stops before it has begun, and then nothing ends its reader. A
// connection that is not closed leaves many others besides, which are found.
const boundLate = "github.com/livekit/server-sdk-go/v2.(*LocalTrack).rtcpWorker"

func find(limit time.Duration) (err error) {
	for end := time.Now().Add(limit); ; {
		http.DefaultClient.CloseIdleConnections() // the SDK's, where a join failed
		if err = goleak.Find(goleak.IgnoreAnyFunction(boundLate)); err == nil || time.Now().After(end) {
			return err
		}
	}
}
