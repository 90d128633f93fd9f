package outside_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
	"github.com/sensory-agent/sensory-agent/testmedia/outside"
)

// frameworkEnv is the Python that has LiveKit's framework for agents; scripts/test-clients sets it.
const frameworkEnv = binaryEnv + "_FRAMEWORK"

// canned is what the workers of bench/worker say, always.
const canned = "This answer is canned."

// log is what a program writes.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// worker runs a worker of one of LiveKit's frameworks until the test ends, and returns when it is
// registered under a name. Its answers are tones of four seconds.
func worker(t *testing.T, server *place, name string, command ...string) {
	t.Helper()
	cmd, out := exec.Command(command[0], command[1:]...), &log{}
	cmd.Env = childenv.Local(os.Environ(), "HOME="+t.TempDir(), "LIVEKIT_URL="+server.URL, "LIVEKIT_API_KEY="+server.APIKey,
		"LIVEKIT_API_SECRET="+server.APISecret, "RACE_AGENT="+name, fmt.Sprintf("RACE_PORT=%d", freePort(t)), "RACE_TONE=4")
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // each job is a process of its own
	cmd.WaitDelay = 15 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) { // it would wait for its jobs
			t.Error(err)
		}
		<-ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s", name, out)
		}
	})
	for limit := time.Now().Add(limit); !strings.Contains(out.String(), "registered worker"); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v", name, err)
		default:
		}
		if time.Now().After(limit) {
			t.Fatalf("%s is not registered", name)
		}
	}
}

// dispatch calls agents into a room.
func dispatch(t *testing.T, server *place, room string, names ...string) {
	t.Helper()
	client := lksdk.NewAgentDispatchServiceClient(server.URL, server.APIKey, server.APISecret)
	for _, name := range names {
		if _, err := client.CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{Room: room, AgentName: name}); err != nil {
			t.Fatal(err)
		}
	}
}

// answers are the transcripts of somebody, each as it was at last, without such of nothing.
func answers(reports []outside.Report, who string) (out []string) {
	at := map[string]int{}
	for _, r := range reports {
		if r.Event != "transcript" || r.Who != who || r.Text == "" {
			continue
		}
		if i, known := at[r.ID]; known {
			out[i] = r.Text
			continue
		}
		at[r.ID] = len(out)
		out = append(out, r.Text)
	}
	return out
}

// overlaps are the times at which a page was shown that somebody begins to speak while others had
// been speaking for a while.
func overlaps(reports []outside.Report, who string) (out []string) {
	const sameTime = 500 // ms: who begins at once could not know of the other
	since := map[string]float64{}
	for _, r := range reports {
		for _, a := range r.Agents {
			_, was := since[a.Who]
			switch {
			case a.State != "speaking":
				delete(since, a.Who)
			case !was:
				since[a.Who] = r.At
			}
		}
		began, speaks := since[who]
		for other, from := range since {
			if speaks && began == r.At && other != who && began-from > sameTime {
				out = append(out, fmt.Sprintf("at %.0f ms, %.0f ms after %s", began, began-from, other))
			}
		}
	}
	return out
}

// agents: an agent of LiveKit's framework for Python and one for Node.js, with canned parts, are
// dispatched into a room beside a persona, over the same server. A page sees three agents. All
// three answer what a person writes to everybody, once; the persona answers none of the others,
// lets them finish, and is right. So it does when the others talk while it is asked something.
// LiveKit's own client asks its session.
func agents(t *testing.T, server *place) {
	framework := os.Getenv(frameworkEnv)
	if framework == "" {
		t.Fatalf("%s does not name Python with LiveKit's framework: make test-clients", frameworkEnv)
	}
	kit := filepath.Join("..", "..", "bench", "worker")
	worker(t, server, "snake", framework, filepath.Join(kit, "python", "agent.py"), "start")
	worker(t, server, "hexagon", "node", filepath.Join(kit, "node", "agent.mjs"), "start")
	picture, _ := quadrants(t, 60)
	page := visit(t, server.Server, "agents", outside.Config{Kind: outside.Browser, Codec: "vp8", Picture: picture.Image})
	await(t, page, 0, "the room is entered", func(r outside.Report) bool { return r.Event == "connected" })
	dispatch(t, server, "agents", "snake", "house", "hexagon")
	who := map[string]string{} // by the name of the worker
	at := await(t, page, 0, "three agents listen", func(r outside.Report) bool {
		for _, a := range r.Agents {
			if a.State == "listening" {
				who[a.Worker] = a.Who
			}
		}
		return len(who) == 3 && len(r.Agents) == 3
	})
	if who["house"] != "iris" || who["snake"] == "" || who["hexagon"] == "" {
		t.Fatalf("the agents are %v", who)
	}

	do(t, page, outside.Command{Do: "camera", On: true})
	time.Sleep(3 * time.Second) // people look up before they write
	do(t, page, outside.Command{Do: "chat", Text: "What do you see in the picture?"})
	for _, other := range []string{"snake", "hexagon"} {
		await(t, page, at, other+" answers", func(r outside.Report) bool { return r.Event == "transcript" && r.Who == who[other] && r.Text == canned })
		await(t, page, at, other+" is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == who[other] && r.On })
	}
	await(t, page, at, "iris answers", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "iris" && len(picture.StatedFacts(r.Text)) >= 4
	})
	silent(t, page, who, 1)

	from := len(page.Reports())
	do(t, page, outside.Command{Do: "tell", To: who["snake"] + " " + who["hexagon"], Text: "Talk, please."})
	for _, other := range []string{"snake", "hexagon"} {
		await(t, page, from, other+" is heard", func(r outside.Report) bool { return r.Event == "sound" && r.Who == who[other] && r.On })
	}
	do(t, page, outside.Command{Do: "call", To: "iris", Text: "sensory.ask", Payload: `{"text":"` + described + `"}`})
	await(t, page, from, "iris thinks while they talk", func(r outside.Report) bool {
		return slices.ContainsFunc(r.Agents, func(a outside.Agent) bool { return a.Who == "iris" && a.State == "thinking" })
	})
	await(t, page, from, "iris answers", func(r outside.Report) bool {
		return r.Event == "transcript" && r.Who == "iris" && strings.Contains(strings.ToLower(r.Text), "four")
	})
	silent(t, page, who, 2)
	if late := overlaps(page.Reports(), "iris"); len(late) > 0 {
		t.Errorf("iris began while others were heard: %q", late)
	}
	panelOf(t, page, 4)
	remote(t, server, framework)
	panelOf(t, page, 6)
}

// silent waits until nobody has been heard for some seconds; then everybody has answered as often
// as they were asked.
func silent(t *testing.T, page *outside.Client, who map[string]string, asked int) {
	t.Helper()
	const quiet = 5 * time.Second
	for ends := time.Now().Add(limit); ; {
		from := len(page.Reports())
		time.Sleep(quiet)
		loud := slices.ContainsFunc(page.Reports()[from:], func(r outside.Report) bool { return r.Event == "sound" || r.Event == "transcript" })
		if !loud {
			break
		}
		if time.Now().After(ends) {
			t.Fatal("they do not stop talking")
		}
	}
	for worker, identity := range who {
		got := answers(page.Reports(), identity)
		if len(got) != asked || worker != "house" && got[len(got)-1] != canned {
			t.Errorf("%s was asked %d times, and said %q", worker, asked, got)
		}
	}
}

// panelOf has iris's history hold so many messages, the questions of people and her answers in
// turn.
func panelOf(t *testing.T, page *outside.Client, messages int) {
	t.Helper()
	items := ask(t, page, "getChatHistory").Response.GetChatHistory.Items
	if len(items) != messages {
		t.Errorf("%d messages: %+v", len(items), items)
	}
	for i, m := range items {
		if want := []string{"USER", "ASSISTANT"}[i%2]; m.Message.Role != want || strings.Contains(strings.ToLower(m.text()), "canned") {
			t.Errorf("message %d: %s %q", i, m.Message.Role, m.text())
		}
	}
}

// remote asks iris's session with LiveKit's own client, and gives it input.
func remote(t *testing.T, server *place, framework string) {
	t.Helper()
	client := enter(t, server.Server, "agents", "rita", outside.Config{Kind: outside.Remote, Interpreter: framework})
	at := await(t, client, 0, "the room is entered", func(r outside.Report) bool { return r.Event == "connected" })
	do(t, client, outside.Command{Do: "session", To: "iris", Text: described})
	got := map[string]string{}
	for _, r := range client.Reports()[at:] {
		got[r.ID] += strings.ReplaceAll(strings.ToLower(r.Text), `": `, `":`)
	}
	for id, wants := range map[string][]string{
		"get_session_state":  {`"agentstate":"as_listening"`, `"agentid":"iris"`},
		"get_framework_info": {`"sdk":"sensory-agent"`},
		"run":                {`"role":"user"`, strings.ToLower(described), `"role":"assistant"`, "four"},
		"get_agent_info":     {`"id":"iris"`},
		"get_chat_history":   {"what do you see", "four"},
		"event":              {`"newstate":"as_thinking"`, `"newstate":"as_speaking"`, "conversationitemadded", "sessionusageupdated"},
	} {
		for _, want := range wants {
			if !strings.Contains(got[id], want) {
				t.Errorf("%s: %s is not in %.2000s", id, want, got[id])
			}
		}
	}
}
