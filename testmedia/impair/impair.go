package impair

import (
	"math/rand/v2"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// Loss drops packets at random. It is an interceptor.Factory for one or more connections; safe for concurrent use.
type Loss struct {
	rate float64

	mu            sync.Mutex
	random        *rand.Rand
	sent, dropped uint64
}

// NewLoss drops each packet with probability rate, in [0,1]. The same seed drops the same packets of the same sequence.
func NewLoss(rate float64, seed uint64) *Loss {
	return &Loss{rate: rate, random: rand.New(rand.NewPCG(seed, 5))} // a bad link, not a secret
}

// Counts returns how many packets were to be sent and how many of them were dropped.
func (l *Loss) Counts() (sent, dropped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent, l.dropped
}

// NewInterceptor implements interceptor.Factory.
func (l *Loss) NewInterceptor(string) (interceptor.Interceptor, error) { return &lossy{loss: l}, nil }

func (l *Loss) drops() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	if l.random.Float64() >= l.rate {
		return false
	}
	l.dropped++
	return true
}

type lossy struct {
	interceptor.NoOp
	loss *Loss
}

// BindLocalStream implements interceptor.Interceptor: a dropped packet counts as sent for the sender.
func (i *lossy) BindLocalStream(_ *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		if i.loss.drops() {
			return len(payload), nil
		}
		return next.Write(h, payload, a)
	})
}
