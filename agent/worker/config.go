package worker

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	protoagent "github.com/livekit/protocol/agent"
	"github.com/livekit/protocol/livekit"
)

// Defaults of a Config.
const (
	// DefaultTargetLoad is the load from which on a LiveKit server gives a worker nothing
	// (agents.target_load in its configuration; tried against server 1.13.5).
	DefaultTargetLoad = 0.7
	// DefaultMaxOffers bounds the offers that are answered at once.
	DefaultMaxOffers = 32
	// DefaultMaxMessage is the largest message that is read, in bytes: the server's own limit.
	DefaultMaxMessage = 2 << 20
	// DefaultReserveLimit is how long Reserve may take. Servers wait 3 s for an answer, and an
	// answer that comes later ends the dispatch without asking another worker.
	DefaultReserveLimit = 2 * time.Second
	// DefaultDrainLimit is how long running jobs may go on after Drain.
	DefaultDrainLimit = 10 * time.Minute
	// DefaultStatusEvery is how often load is sampled and reported, as LiveKit's own SDKs do.
	DefaultStatusEvery = 2500 * time.Millisecond
)

const (
	secretMinimum = 32       // characters; the server refuses shorter ones
	nameMaximum   = 256      // bytes of an agent's name
	agentsMaximum = 64       // connections of one worker
	messageFloor  = 64 << 10 // bytes: rooms and participants have metadata of that size
)

// Agent is a name under which jobs are taken. Each has a connection of its own to the server.
type Agent struct {
	// Name is what a dispatch asks for. The empty name is offered every new room.
	Name string
	// Type says what there is a job for: each room (the zero value), each publisher, each
	// participant.
	Type livekit.JobType
	// Deployment tells workers of one name apart, where dispatches name one: at most 64 bytes.
	Deployment string
	// Permissions go into the tokens of jobs; nil means those of the server: subscribe, publish,
	// data, own metadata.
	Permissions *livekit.ParticipantPermission
}

// Config says where to register, for what, and who does the work.
type Config struct {
	// URL of the server: ws://, wss://, http:// or https://, with a path where it is behind one.
	URL string
	// APIKey and APISecret sign the worker's own token. They are not handed to jobs.
	APIKey, APISecret string
	// Agents are the names, at least one.
	Agents []Agent
	// Handler does a job, on a goroutine of its own. When it returns, the job has ended: nil for a
	// success. Its context ends when the server terminates the job, when draining takes too long
	// and when the worker is stopped; the cause says which. A panic fails that job only.
	Handler func(ctx context.Context, job Job) error
	// Reserve is asked before the worker says that it is available, on a goroutine of its own; an
	// error declines, and the server asks another worker. Nil accepts as long as MaxJobs allows it.
	Reserve func(Offer) (Reservation, error)
	// Load says how much of what jobs need is in use: 0 is nothing, 1 and more means that there is
	// no room for one more job. It is asked every StatusEvery, must not block, and may be nil.
	Load func() float64
	// MaxJobs bounds the jobs at once, those that were offered and accepted included. 0 sets no
	// bound, and then Reserve is required.
	MaxJobs int
	// Report is told what happens, by one goroutine: it must not block. It may be nil.
	Report func(Event)
	// Logger; nil discards.
	Logger *slog.Logger
	// TLS is for wss:// and https://; nil means the machine's own authorities.
	TLS *tls.Config
	// Version is told to the server and on the status page.
	Version string

	// The rest has defaults, which zero values stand for.

	// TargetLoad is the server's agents.target_load.
	TargetLoad float64
	MaxOffers  int
	MaxMessage int64
	// ReserveLimit, DrainLimit and StatusEvery: see the defaults.
	ReserveLimit, DrainLimit, StatusEvery time.Duration
}

// complete checks the configuration and fills in defaults.
func (c *Config) complete() error {
	if err := checkAddress(c.URL); err != nil {
		return err
	}
	wrong := func(text string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrConfig, fmt.Sprintf(text, args...))
	}
	switch {
	case c.APIKey == "":
		return wrong("api key is empty")
	case len(c.APISecret) < secretMinimum:
		return wrong("api secret has %d characters, the server wants at least %d", len(c.APISecret), secretMinimum)
	case c.Handler == nil:
		return wrong("nothing handles jobs")
	case c.MaxJobs < 0:
		return wrong("max jobs is %d", c.MaxJobs)
	case c.MaxJobs == 0 && c.Reserve == nil:
		return wrong("nothing bounds the jobs: set MaxJobs or Reserve")
	case c.TargetLoad < 0 || c.TargetLoad > 1:
		return wrong("target load is %v, not between 0 and 1", c.TargetLoad)
	case c.MaxOffers < 0 || c.MaxMessage < 0 || c.ReserveLimit < 0 || c.DrainLimit < 0 || c.StatusEvery < 0:
		return wrong("a limit is negative")
	case c.MaxMessage != 0 && c.MaxMessage < messageFloor:
		return wrong("max message is %d bytes: jobs need at least %d", c.MaxMessage, messageFloor)
	}
	c.fill()
	return checkAgents(c.Agents)
}

func (c *Config) fill() {
	or(&c.TargetLoad, DefaultTargetLoad)
	or(&c.MaxOffers, DefaultMaxOffers)
	or(&c.MaxMessage, DefaultMaxMessage)
	or(&c.ReserveLimit, DefaultReserveLimit)
	or(&c.DrainLimit, DefaultDrainLimit)
	or(&c.StatusEvery, DefaultStatusEvery)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	if c.Reserve == nil {
		c.Reserve = func(Offer) (Reservation, error) { return Reservation{}, nil }
	}
	if c.Load == nil {
		c.Load = func() float64 { return 0 }
	}
	c.Agents = slices.Clone(c.Agents)
}

func or[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func checkAgents(agents []Agent) error {
	if len(agents) == 0 || len(agents) > agentsMaximum {
		return fmt.Errorf("%w: %d agents; there must be between 1 and %d", ErrConfig, len(agents), agentsMaximum)
	}
	type key struct {
		name, deployment string
		kind             livekit.JobType
	}
	seen := map[key]bool{}
	for _, a := range agents {
		k := key{a.Name, a.Deployment, a.Type}
		switch _, known := livekit.JobType_name[int32(a.Type)]; {
		case seen[k]:
			return fmt.Errorf("%w: agent %q is there twice", ErrConfig, a.Name)
		case len(a.Name) > nameMaximum:
			return fmt.Errorf("%w: an agent's name has %d bytes, not at most %d", ErrConfig, len(a.Name), nameMaximum)
		case !known:
			return fmt.Errorf("%w: agent %q is for jobs of type %d, which there is not", ErrConfig, a.Name, a.Type)
		}
		if err := protoagent.ValidateDeployment(a.Deployment); err != nil {
			return fmt.Errorf("%w: agent %q: %w", ErrConfig, a.Name, err)
		}
		seen[k] = true
	}
	return nil
}

func checkAddress(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return fmt.Errorf("%w: url is no address such as ws://127.0.0.1:7880", ErrConfig)
	case !slices.Contains([]string{"ws", "wss", "http", "https"}, strings.ToLower(u.Scheme)):
		return fmt.Errorf("%w: url begins with %q, not with ws://, wss://, http:// or https://", ErrConfig, u.Scheme)
	case u.User != nil:
		return fmt.Errorf("%w: url holds a user name or password; servers take tokens only", ErrConfig)
	}
	return nil
}

// endpoint is the address of the worker protocol at a server.
func endpoint(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server // complete has refused it
	}
	switch strings.ToLower(u.Scheme) {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/agent"
	u.RawQuery, u.Fragment = "protocol=1", ""
	return u.String()
}
