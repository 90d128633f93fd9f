package api_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// procedures are all calls of the contract, and whether they stream.
func procedures(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	protoregistry.GlobalFiles.RangeFilesByPackage("sensory.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				m := s.Methods().Get(j)
				out[string(s.Name())+"/"+string(m.Name())] = m.IsStreamingServer() || m.IsStreamingClient()
			}
		}
		return true
	})
	if len(out) < 26 || !out["EventService/WatchEvents"] || out["RoomService/ListRooms"] {
		t.Fatalf("calls %v", out)
	}
	return out
}

// TestTenMegabytesForEveryCall: each is refused by type, in JSON, in protobuf and as a stream's
// frame, and all of them are answered afterwards.
func TestTenMegabytesForEveryCall(t *testing.T) {
	t.Parallel()
	calls, address := listenFor(t, keeping(t), ops.Config{Address: "127.0.0.1:0"})
	own := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	const size = 10 << 20
	text := append(append([]byte(`{"x":"`), bytes.Repeat([]byte("x"), size)...), `"}`...)
	framed := append(binary.BigEndian.AppendUint32([]byte{0}, size), make([]byte, size)...)
	for call, streams := range procedures(t) {
		kinds := map[string][]byte{"application/json": text, "application/proto": text}
		if streams {
			kinds = map[string][]byte{"application/connect+json": framed, "application/connect+proto": framed}
		}
		for kind, body := range kinds {
			resp, err := own.Post("http://"+address+api.Prefix+call, kind, bytes.NewReader(body))
			if err != nil {
				continue // it was cut off while it was sent: the answer was there before
			}
			got, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if streams { // its end is a frame
				if !strings.Contains(string(got), "resource_exhausted") || !strings.Contains(string(got), string(api.ReasonBodyTooBig)) {
					t.Errorf("%s, %s: %s %.200q, %v", call, kind, resp.Status, got, err)
				}
				continue
			}
			var p problem
			if err != nil || json.Unmarshal(got, &p) != nil {
				t.Errorf("%s, %s: %s %.200s, %v", call, kind, resp.Status, got, err)
				continue
			}
			if large := call == "TurnService/CacheContext" || call == "MemoryService/ImportMemories"; large && p.Code != "invalid_argument" || // it may be as large, and is none
				!large && (p.Code != "resource_exhausted" || len(p.Details) != 1 || p.Details[0].Debug.Reason != string(api.ReasonBodyTooBig)) {
				t.Errorf("%s, %s: %s %.200s", call, kind, resp.Status, got)
			}
		}
	}
	if got := calls.Stats(); got.Running != 0 || got.Streams != 0 || got.Failed[api.ReasonBodyTooBig] < 26 {
		t.Errorf("afterwards: %+v", got)
	}
	answers(t, address)
}

// answers checks that a call is answered, for as long as the test may take.
func answers(t *testing.T, address string) {
	t.Helper()
	c, err := client.New(address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for {
		_, err := c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
		if err == nil {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("no answer: %v", err)
		case <-time.After(20 * time.Millisecond): // polled
		}
	}
}

// TestAThousandWhoTakeTheirTime: connections that say nothing, half a header, a header and half a
// body, or go on byte by byte. Each is ended, and who asks as he should is answered.
func TestAThousandWhoTakeTheirTime(t *testing.T) {
	t.Parallel()
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0"})
	calls.Hurried(200 * time.Millisecond)
	post := "POST " + api.Prefix + "RoomService/ListRooms HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	said := []string{"", "GET /healthz HTTP/1.1\r\nHost: loc", post + "Content-Length: 1000\r\n\r\n{", post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{"}
	var work sync.WaitGroup
	for i := range 1000 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		work.Go(func() {
			defer conn.Close()
			if _, err := io.WriteString(conn, said[i%len(said)]); err != nil {
				return // it was ended already
			}
			if i%8 == 3 { // one byte now and then, for ever
				work.Go(func() {
					for {
						if _, err := io.WriteString(conn, "x"); err != nil {
							return
						}
						time.Sleep(100 * time.Millisecond)
					}
				})
			}
			_, _ = io.Copy(io.Discard, conn) // until it is ended
		})
	}
	answers(t, address)
	work.Wait()
	for calls.Stats().Running > 0 {
		time.Sleep(time.Millisecond)
	}
	answers(t, address)
}

// TestABodyThatComesTooLateIsToldSo, by type.
func TestABodyThatComesTooLateIsToldSo(t *testing.T) {
	t.Parallel()
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0"})
	calls.Hurried(50 * time.Millisecond)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST "+api.Prefix+"RoomService/ListRooms HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if !strings.Contains(string(got), "deadline_exceeded") || calls.Stats().Failed[api.ReasonBodySlow] != 1 {
		t.Errorf("%s, %v, %+v", got, err, calls.Stats())
	}
}

// TestHeadersOfAnySize: a Host, an origin, a token and a path that are large, or no text, are
// refused before a call is begun.
func TestHeadersOfAnySize(t *testing.T) {
	t.Parallel()
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0", Token: secret})
	long := strings.Repeat("a", 64<<10)
	most := strings.Repeat("a", 6<<10)
	head := func(host, rest string) string {
		return "POST " + api.Prefix + "RoomService/ListRooms HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n" + rest + "\r\n{}"
	}
	bearer := "Authorization: Bearer " + secret + "\r\n"
	for name, c := range map[string]struct{ request, status string }{
		"a host too large":    {head(long, bearer), "431"},
		"a large host":        {head(most, bearer), "403"},
		"no host at all":      {head("", bearer), "403"},
		"a host of two":       {head("localhost\r\nHost: localhost", bearer), "400"},
		"a host with a path":  {head("localhost/../x", bearer), "400"},
		"an origin too large": {head("localhost", bearer+"Origin: https://"+long+"\r\n"), "431"},
		"a large origin":      {head("localhost", bearer+"Origin: https://"+most+"\r\n"), "403"},
		"no origin at all":    {head("localhost", bearer+"Origin: null\r\n"), "403"},
		"a token too large":   {head("localhost", "Authorization: Bearer "+long+"\r\n"), "431"},
		"a large token":       {head("localhost", "Authorization: Bearer "+most+"\r\n"), "401"},
		"a path too large":    {"POST /" + long + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "431"},
		"bytes that are none": {head("localhost", bearer+"X-A: \x00\r\n"), "400"},
		"another protocol":    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"},
		"as it should be":     {head("localhost", bearer), "200"},
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.WriteString(conn, c.request) }() // it may be refused before it is sent
		got, err := io.ReadAll(conn)
		_ = conn.Close()
		if status := strings.Fields(string(got) + " none none")[1]; status != c.status {
			t.Errorf("%s: %.200s, %v; want %s", name, got, err, c.status)
		}
		if strings.Contains(string(got), secret) || len(got) > 2<<10 {
			t.Errorf("%s: %d bytes: %.300s", name, len(got), got)
		}
	}
	if got := calls.Stats().Calls["RoomService/ListRooms"]; got != 1 {
		t.Errorf("%d calls were begun", got)
	}
}

// TestNumbersThatNobodyHas: of the future, the largest one, and of another log, at the listener.
func TestNumbersThatNobodyHas(t *testing.T) {
	t.Parallel()
	_, address := listen(t, ops.Config{Address: "127.0.0.1:0"})
	for body, why := range map[string]api.Reason{
		`{"after":"1"}`: api.ReasonAhead, `{"after":"18446744073709551615"}`: api.ReasonAhead,
		`{"after":"0","log":"of another process"}`: api.ReasonOtherLog, `{"recent":-1}`: api.ReasonBadValue, `{"recent":2147483647}`: api.ReasonBadValue,
	} {
		framed := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
		resp, err := http.Post("http://"+address+api.Prefix+"EventService/WatchEvents", "application/connect+json", bytes.NewReader(framed))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !strings.Contains(string(got), fmt.Sprintf(`"reason":"%s"`, why)) && !strings.Contains(string(got), fmt.Sprintf(`"reason": "%s"`, why)) {
			t.Errorf("%s: %s, %v", body, got, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
