package token

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/encoding/protojson"
)

// Path is where the endpoint is.
const Path = "/token"

// How many tokens are made: a second over time, and at once. A page asks for one when somebody
// enters.
const (
	perSecond = 10
	burst     = 50
)

// Stats count what was asked for.
type Stats struct {
	Made    uint64            `json:"made"`
	Refused map[Reason]uint64 `json:"refused,omitempty"`
}

// Handler answers POST /token. Its methods are safe from any goroutine.
type Handler struct {
	cfg  Config
	rate *rate.Limiter

	mu    sync.Mutex
	stats Stats
}

// New makes a handler. Errors: ErrConfig.
func New(cfg Config) (*Handler, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	return &Handler{cfg: cfg, rate: rate.NewLimiter(perSecond, burst), stats: Stats{Refused: map[Reason]uint64{}}}, nil
}

// Stats returns the counts so far.
func (h *Handler) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{Made: h.stats.Made, Refused: maps.Clone(h.stats.Refused)}
}

// Refuse answers a request that was refused before it came here, as this handler would.
func (h *Handler) Refuse(w http.ResponseWriter, _ *http.Request, status int, why string) {
	e := &Error{Status: status, Reason: ReasonForbidden, Text: why}
	if status != http.StatusForbidden {
		e.Reason = ReasonAccess
	}
	h.refuse(w, e)
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := h.admit(w, r)
	if err != nil {
		h.refuse(w, err)
		return
	}
	a, err := h.cfg.read(body)
	if err != nil {
		h.refuse(w, err)
		return
	}
	jwt, failed := h.cfg.mint(&a)
	if failed != nil {
		h.refuse(w, &Error{Status: http.StatusInternalServerError, Reason: ReasonFailed, Text: "no token could be made"})
		return
	}
	out, failed := protojson.MarshalOptions{UseProtoNames: true}.Marshal(&livekit.TokenSourceResponse{ServerUrl: h.cfg.URL, ParticipantToken: jwt})
	if failed != nil {
		h.refuse(w, &Error{Status: http.StatusInternalServerError, Reason: ReasonFailed, Text: "no answer could be made"})
		return
	}
	h.mu.Lock()
	h.stats.Made++
	h.mu.Unlock()
	send(w, http.StatusCreated, out)
}

// admit checks the request itself and reads it.
func (h *Handler) admit(w http.ResponseWriter, r *http.Request) ([]byte, *Error) {
	switch {
	case r.URL.Path != Path:
		return nil, &Error{Status: http.StatusNotFound, Reason: ReasonPath, Text: "there is nothing here; tokens are made by POST " + Path}
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return nil, &Error{Status: http.StatusMethodNotAllowed, Reason: ReasonMethod, Text: "tokens are made by POST"}
	case !h.rate.AllowN(time.Now(), 1):
		w.Header().Set("Retry-After", "1")
		return nil, &Error{Status: http.StatusTooManyRequests, Reason: ReasonRate, Text: "too many tokens; try again in a second"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Reason: ReasonBodyBig, Text: "a request has 64 KiB at most"}
	case err != nil:
		return nil, wrong("", ReasonBody, "did not arrive whole")
	}
	return body, nil
}

// mint makes the token: what a human needs in one room.
func (c *Config) mint(a *ask) (string, error) {
	yes, no := true, false
	grant := &auth.VideoGrant{RoomJoin: true, Room: a.room, CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &yes, CanUpdateOwnMetadata: &no}
	grant.SetCanPublishSources([]livekit.TrackSource{
		livekit.TrackSource_MICROPHONE, livekit.TrackSource_CAMERA, livekit.TrackSource_SCREEN_SHARE, livekit.TrackSource_SCREEN_SHARE_AUDIO,
	})
	marks := map[string]string{guest: "true"}
	maps.Copy(marks, a.attributes)
	t := auth.NewAccessToken(c.Key, c.Secret).SetIdentity(a.identity).SetName(a.name).SetMetadata(a.metadata).
		SetAttributes(marks).SetVideoGrant(grant).SetValidFor(c.TTL)
	if len(a.agents) > 0 {
		t.SetRoomConfig(&livekit.RoomConfiguration{Agents: a.agents})
	}
	return t.ToJWT()
}

// refusal is the answer without a token.
type refusal struct {
	Error  string `json:"error"`
	Reason Reason `json:"reason"`
	Field  string `json:"field,omitempty"`
}

func (h *Handler) refuse(w http.ResponseWriter, e *Error) {
	h.mu.Lock()
	h.stats.Refused[e.Reason]++
	h.mu.Unlock()
	body, _ := json.Marshal(refusal{Error: e.Error(), Reason: e.Reason, Field: e.Field}) // of texts alone
	send(w, e.Status, body)
}

func send(w http.ResponseWriter, status int, body []byte) {
	head := w.Header()
	head.Set("Content-Type", "application/json")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away; there is nobody to tell
}
