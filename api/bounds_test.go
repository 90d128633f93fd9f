package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/api"
)

// endless is a body without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

// TestBodiesAreBounded: by what they say they are, by what they are, and unpacked.
func TestBodiesAreBounded(t *testing.T) {
	s := serve(t, seated())
	s.refused(t, "RoomService/ListRooms", strings.Repeat(" ", 10<<20)+"{}", connect.CodeResourceExhausted, api.ReasonBodyTooBig, "")
	body := &endless{}
	rec := httptest.NewRecorder()
	s.api.ServeHTTP(rec, request(t, "RoomService/ListRooms", body))
	if rec.Code != http.StatusTooManyRequests || !strings.Contains(rec.Body.String(), "body_too_large") || body.read > 4<<20 {
		t.Errorf("without a length: %d %s after %d bytes", rec.Code, rec.Body, body.read)
	}
	if status, text := s.post(t, "RoomService/ListRooms", strings.Repeat(" ", 1<<20-2)+"{}"); status != http.StatusOK {
		t.Errorf("at the bound: %d %s", status, text)
	}
	packed := &bytes.Buffer{}
	w := gzip.NewWriter(packed)
	if _, err := io.CopyN(w, &endless{}, 64<<20); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	r := request(t, "RoomService/ListRooms", packed)
	r.Header.Set("Content-Encoding", "gzip")
	rec = httptest.NewRecorder()
	s.api.ServeHTTP(rec, r)
	if rec.Code != http.StatusNotImplemented {
		t.Errorf("packed: %d %s", rec.Code, rec.Body)
	}
	if got := s.api.Stats(); got.Failed[api.ReasonBodyTooBig] != 2 || got.Running != 0 {
		t.Errorf("counted: %+v", got)
	}
}

func request(t *testing.T, call string, body io.Reader) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, api.Prefix+call, body)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// TestWhatIsNoCall: other paths, methods, kinds of content, and what is no message.
func TestWhatIsNoCall(t *testing.T) {
	s := serve(t, seated())
	for _, call := range []string{"NoService/Call", "RoomService/Burn", "RoomService/", "RoomService", "RoomService/ListRooms/"} {
		s.refused(t, call, "{}", connect.CodeUnimplemented, api.ReasonUnknownCall, "")
		body := &endless{}
		rec := httptest.NewRecorder()
		if s.api.ServeHTTP(rec, request(t, call, body)); rec.Code != http.StatusNotImplemented || body.read > 0 {
			t.Errorf("%s: %d after %d bytes", call, rec.Code, body.read)
		}
	}
	for name, c := range map[string]struct {
		call, kind, body string
		code             int
	}{
		"a form":           {"RoomService/ListRooms", "application/x-www-form-urlencoded", "a=b", http.StatusUnsupportedMediaType},
		"text":             {"RoomService/ListRooms", "text/plain", "{}", http.StatusUnsupportedMediaType},
		"no JSON":          {"RoomService/ListRooms", "application/json", "{", http.StatusBadRequest},
		"an unknown field": {"RoomService/GetRoomState", "application/json", `{"rome":"x"}`, http.StatusBadRequest},
		"another type":     {"RoomService/GetRoomState", "application/json", `{"room":7}`, http.StatusBadRequest},
		"no protobuf":      {"RoomService/GetRoomState", "application/proto", "\xff\xff", http.StatusBadRequest},
		"no UTF-8":         {"RoomService/GetRoomState", "application/proto", "\x0a\x01\xff", http.StatusBadRequest},
	} {
		if status, text := s.send(t, c.call, c.kind, strings.NewReader(c.body)); status != c.code {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
}

// TestWhatIsNoMessageOfAStream is refused as it is of other calls.
func TestWhatIsNoMessageOfAStream(t *testing.T) {
	s := serve(t, seated())
	for kind, body := range map[string]string{"json": `{"recent":{},"room":{}}`, "proto": "\xff\xff"} {
		for _, call := range []string{"WatchEvents", "WatchLevels"} {
			framed := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
			_, text := s.send(t, "EventService/"+call, "application/connect+"+kind, bytes.NewReader(framed))
			var end struct{ Error problem }
			if err := json.Unmarshal([]byte(text[5:]), &end); err != nil || end.Error.Code != "invalid_argument" || len(end.Error.Details) > 0 || end.Error.Message == "" {
				t.Errorf("%s, %s: %q: %v", call, kind, text, err)
			}
		}
	}
}

// TestMessagesAMinute: of ten thousand in a minute a bounded number goes through, evenly; the rest
// is refused and counted.
func TestMessagesAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := seated()
		s := api.New(api.Config{Host: func() api.Host { return d }})
		const body = `{"room":"lobby","from":"ada","text":"x"}`
		for range 10_000 {
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, request(t, "RoomService/PublishStimulus", strings.NewReader(body)))
			switch {
			case rec.Code == http.StatusOK:
			case rec.Code != http.StatusTooManyRequests || !strings.Contains(rec.Body.String(), "rate_limited") || rec.Header().Get("Retry-After") != "1":
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			time.Sleep(6 * time.Millisecond)
		}
		told, refused := len(d.told), s.Stats().Failed[api.ReasonRate]
		if told < 1200 || told > 1302 || refused != uint64(10_000-told) || s.Stats().Calls["RoomService/PublishStimulus"] != uint64(told) {
			t.Errorf("%d were told, %d refused: %+v", told, refused, s.Stats())
		}
	})
}

// TestCallsAtOnce: those beyond the bound are told so, and others go on when there is a place
// again.
func TestCallsAtOnce(t *testing.T) {
	d, entered, free := seated(), make(chan struct{}, 64), make(chan struct{})
	d.ask = func(context.Context, string, string, string, ...string) error {
		entered <- struct{}{}
		<-free
		return nil
	}
	s := api.New(api.Config{Host: func() api.Host { return d }})
	ask := func() *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, request(t, "RoomService/PublishStimulus", strings.NewReader(`{"room":"lobby","from":"ada","text":"x"}`)))
		return rec
	}
	var work sync.WaitGroup
	for range 16 {
		work.Go(func() {
			if rec := ask(); rec.Code != http.StatusOK {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		})
	}
	for range 16 {
		<-entered
	}
	if got := s.Stats().Running; got != 16 {
		t.Errorf("%d run", got)
	}
	if rec := ask(); rec.Code != http.StatusTooManyRequests || !strings.Contains(rec.Body.String(), "busy") {
		t.Errorf("beyond the bound: %d %s", rec.Code, rec.Body)
	}
	close(free)
	work.Wait()
	if rec := ask(); rec.Code != http.StatusOK {
		t.Errorf("afterwards: %d %s", rec.Code, rec.Body)
	}
}

// TestACallHasALimit of time, whatever its caller says.
func TestACallHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := seated()
		d.ask = func(ctx context.Context, _, _, _ string, _ ...string) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		s := api.New(api.Config{Host: func() api.Host { return d }})
		begin, rec := time.Now(), httptest.NewRecorder()
		r := request(t, "RoomService/PublishStimulus", strings.NewReader(`{"room":"lobby","from":"ada","text":"x"}`))
		r.Header.Set("Connect-Timeout-Ms", "3600000")
		s.ServeHTTP(rec, r)
		if took := time.Since(begin); took != 10*time.Second || rec.Code != http.StatusGatewayTimeout || !strings.Contains(rec.Body.String(), "timed_out") {
			t.Errorf("after %v: %d %s", took, rec.Code, rec.Body)
		}
	})
}

// TestBodiesThatTakeTheirTimeHoldNoCall: as many as may be on their way are, and others are told
// so; who has been read is answered meanwhile.
func TestBodiesThatTakeTheirTimeHoldNoCall(t *testing.T) {
	s := api.New(api.Config{Host: func() api.Host { return seated() }})
	ask := func(body io.Reader) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, request(t, "RoomService/ListRooms", body))
		return rec
	}
	slow, end := io.Pipe()
	var work sync.WaitGroup
	const most = 128
	arrive := func(n int) {
		for range n {
			work.Go(func() {
				if rec := ask(slow); rec.Code == http.StatusOK || !strings.Contains(rec.Body.String(), "canceled") {
					t.Errorf("%d %s", rec.Code, rec.Body)
				}
			})
		}
	}
	defer work.Wait()
	defer func() { _ = end.CloseWithError(errors.New("gone")) }()
	until := func(n int) {
		for late := time.Now().Add(time.Minute); s.Stats().Arriving < n; time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("%d of %d arrive", s.Stats().Arriving, n)
			}
		}
	}
	arrive(most - 1)
	until(most - 1)
	if rec := ask(strings.NewReader("{}")); rec.Code != http.StatusOK || s.Stats().Running != 0 {
		t.Errorf("beside them: %d %s", rec.Code, rec.Body)
	}
	arrive(1)
	until(most)
	if rec := ask(strings.NewReader("{}")); rec.Code != http.StatusTooManyRequests || !strings.Contains(rec.Body.String(), `"busy"`) {
		t.Errorf("one too many: %d %s", rec.Code, rec.Body)
	}
	_ = end.CloseWithError(errors.New("gone"))
	work.Wait()
	if rec := ask(strings.NewReader("{}")); rec.Code != http.StatusOK || s.Stats().Arriving != 0 {
		t.Errorf("afterwards: %d %s", rec.Code, rec.Body)
	}
}
