package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

func newStatusCommand() *cobra.Command {
	return group("status", "Ask a running program what it holds",
		newShowCommand("seats", "Every persona in its room, or on its way there, and what stands in the way",
			func(ctx context.Context, c *client.Client) (*sensoryv1.ListSeatsResponse, error) {
				return c.Personas.ListSeats(ctx, &sensoryv1.ListSeatsRequest{})
			}, seatsText),
		newShowCommand("leases", "Budgets, leases held, demands waiting, completions and refusals by silicon and class",
			func(ctx context.Context, c *client.Client) (*sensoryv1.ListLeasesResponse, error) {
				return c.Machine.ListLeases(ctx, &sensoryv1.ListLeasesRequest{})
			}, leasesText),
		newShowCommand("models", "Models loaded, who holds them, what they take; loads, hits, evictions and refusals",
			func(ctx context.Context, c *client.Client) (*sensoryv1.ListModelsResponse, error) {
				return c.Machine.ListModels(ctx, &sensoryv1.ListModelsRequest{})
			}, modelsText),
		newShowCommand("prompts", "What personas keep of their prompts from reply to reply, by silicon; evictions and refusals",
			func(ctx context.Context, c *client.Client) (*sensoryv1.ListPromptsResponse, error) {
				return c.Machine.ListPrompts(ctx, &sensoryv1.ListPromptsRequest{})
			}, promptsText),
		newShowCommand("store", "What was kept of what was said, and what stands in the way: written, lost, deleted; attempts that failed",
			func(ctx context.Context, c *client.Client) (*sensoryv1.GetStoreResponse, error) {
				return c.Machine.GetStore(ctx, &sensoryv1.GetStoreRequest{})
			}, storeText),
		newShowCommand("limits", "What was refused of participants, by kind and by participant; what became of questions",
			func(ctx context.Context, c *client.Client) (*sensoryv1.ListRefusalsResponse, error) {
				return c.Rooms.ListRefusals(ctx, &sensoryv1.ListRefusalsRequest{})
			}, limitsText),
		newShowCommand("calls", "How often each call of the API was made, and what was refused; tokens of rooms that were made",
			func(ctx context.Context, c *client.Client) (*sensoryv1.CountCallsResponse, error) {
				return c.Machine.CountCalls(ctx, &sensoryv1.CountCallsRequest{})
			}, callsText),
	)
}

// newShowCommand prints what a call answers.
func newShowCommand[T proto.Message](use, short string, ask func(context.Context, *client.Client) (T, error), text func(T) string) *cobra.Command {
	f := &callFlags{}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return call(cmd, f, func(c *client.Client) (T, error) { return ask(cmd.Context(), c) }, text)
		},
	}
	f.register(cmd)
	return cmd
}

func storeText(st *sensoryv1.GetStoreResponse) string {
	if st.GetPlace() == "" {
		return "nothing is kept: see --store\n"
	}
	r := st.GetRetention()
	degraded := ""
	if st.GetReason() != "" {
		degraded = fmt.Sprintf("degraded since %s: %s: %s\n", st.GetSince().AsTime().Local().Format(time.DateTime), printable.Text(st.GetReason()),
			printable.Cut(st.GetProblem(), maxShown))
	}
	failed := ""
	if len(st.GetFailed()) > 0 {
		failed = fmt.Sprintf("writes refused: %s\n", countsText(st.GetFailed()))
	}
	return degraded + fmt.Sprintf("%s\nwritten %d utterances, %d messages, %d turns in %d batches, waiting %d (%d bytes), lost %d, %d attempts failed\n%sdeleted %d in %d runs, %d gave way, %d failed\n",
		printable.Text(st.GetPlace()), st.GetUtterances(), st.GetMessages(), st.GetTurns(), st.GetBatches(), st.GetWaiting(), st.GetWaitingBytes(), st.GetLost(), st.GetFailures(),
		failed, r.GetDeleted(), r.GetRuns(), r.GetGaveWay(), r.GetFailed())
}

func limitsText(all *sensoryv1.ListRefusalsResponse) string {
	if len(all.GetRooms()) == 0 {
		return "no room is open\n"
	}
	var s strings.Builder
	for _, st := range all.GetRooms() {
		q := st.GetQuestions()
		fmt.Fprintf(&s, "room %s\n", printable.Cut(st.GetRoom(), maxShown))
		fmt.Fprintf(&s, "questions    asked %d, answered %d, waiting %d, waited %d, superseded %d, yielded %d, crowded %d, late %d; of agents %d\n",
			q.GetAsked(), q.GetAnswered(), q.GetWaiting(), q.GetWaited(), q.GetSuperseded(), q.GetYielded(), q.GetCrowded(), q.GetLate(), q.GetAgents())
		fmt.Fprintf(&s, "voice        %d packets that nobody could hear\n", st.GetUnheardPackets())
		fmt.Fprintf(&s, "refused      %s\n", countsText(st.GetRefused()))
		for _, p := range st.GetParticipants() {
			fmt.Fprintf(&s, "  %s: %s\n", printable.Cut(p.GetIdentity(), maxShown), countsText(p.GetRefused()))
		}
		if st.GetOthers() > 0 {
			fmt.Fprintf(&s, "  others: %d\n", st.GetOthers())
		}
		if len(st.GetLetters()) > 0 {
			fmt.Fprintf(&s, "letters      refused of messages sent by the API: %s\n", countsText(st.GetLetters()))
		}
	}
	return s.String()
}

func seatsText(all *sensoryv1.ListSeatsResponse) string {
	var s strings.Builder
	for _, st := range all.GetSeats() {
		fmt.Fprintf(&s, "%-20s %-20s %-8s since %s, entered %d times", printable.Cut(st.GetRoom(), maxShown), printable.Cut(st.GetPersona(), maxShown),
			printable.Text(st.GetState()), st.GetSince().AsTime().Local().Format(time.TimeOnly), st.GetEntered())
		if st.GetState() == string(agent.SeatIn) && !st.GetReady() {
			s.WriteString(", not ready")
		}
		if st.GetNext() != nil {
			fmt.Fprintf(&s, ", tried again at %s", st.GetNext().AsTime().Local().Format(time.TimeOnly))
		}
		if st.GetError() != "" {
			fmt.Fprintf(&s, ": %s", printable.Cut(st.GetError(), maxShown))
		}
		s.WriteByte('\n')
	}
	return s.String()
}

func callsText(st *sensoryv1.CountCallsResponse) string {
	s := fmt.Sprintf("calls        %s\nfailed       %s\nrunning      %d, %d on their way, %d streams; %d streams ended unread\n",
		countsText(st.GetCalls()), countsText(st.GetFailed()), st.GetRunning(), st.GetArriving(), st.GetStreams(), st.GetUnread())
	if t := st.GetTokens(); t != nil {
		s += fmt.Sprintf("tokens       %d made; refused: %s\n", t.GetMade(), countsText(t.GetRefused()))
	}
	return s
}

// countsText lists counts by kind, in the order of their names.
func countsText(counts map[string]int64) string {
	if len(counts) == 0 {
		return "nothing"
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", printable.Text(kind), counts[kind]))
	}
	return strings.Join(parts, ", ")
}

func promptsText(all *sensoryv1.ListPromptsResponse) string {
	if len(all.GetPrompts()) == 0 {
		return "no persona keeps a prompt here\n"
	}
	var s strings.Builder
	for _, p := range all.GetPrompts() {
		fmt.Fprintf(&s, "%-12s %s of %d personas, %d answering; evicted %d, refused %d\n", printable.Text(p.GetSilicon()),
			bytesText(p.GetBytes(), p.GetBudgetBytes()), p.GetPersonas(), p.GetAnswering(), p.GetEvicted(), p.GetRefused())
	}
	return s.String()
}

func modelsText(st *sensoryv1.ListModelsResponse) string {
	var s strings.Builder
	for _, p := range st.GetPlaces() {
		fmt.Fprintf(&s, "%-12s %s\n", printable.Text(p.GetName()), bytesText(p.GetUsedBytes(), p.GetLimitBytes()))
	}
	c := st.GetCounts()
	fmt.Fprintf(&s, "loads %d, hits %d, failed %d, evictions %d, expired %d, refusals %d, abandoned %d\n",
		c.GetLoads(), c.GetHits(), c.GetFailed(), c.GetEvictions(), c.GetExpired(), c.GetRefusals(), c.GetAbandoned())
	for _, m := range st.GetLoaded() {
		fmt.Fprintf(&s, "%-7s %-44s %-8s %d threads  %8.1f MB  %d holders, %d hits, loaded in %s", printable.Text(m.GetState()), printable.Text(m.GetName()),
			printable.Text(m.GetPlace()), m.GetThreads(), float64(m.GetBytes())/1e6, m.GetHolders(), m.GetHits(), millis(m.GetLoadMs()))
		if m.GetState() == ort.StateIdle {
			fmt.Fprintf(&s, ", idle for %s, closes in %s", millis(m.GetIdleMs()), millis(m.GetClosesInMs()))
		}
		s.WriteByte('\n')
	}
	return s.String()
}

// millis is a time of the contract.
func millis(ms int32) time.Duration { return time.Duration(ms) * time.Millisecond }

func leasesText(l *sensoryv1.ListLeasesResponse) string {
	var s strings.Builder
	for _, p := range l.GetPools() {
		name := printable.Text(p.GetSilicon())
		if p.GetProvider() != "" {
			name += "/" + printable.Text(p.GetProvider())
		}
		fmt.Fprintf(&s, "%-12s %d/%d slots  %d/%d units  %s  %.0f %% %s, %d held, %d waiting\n",
			name, p.GetUsedSlots(), p.GetSlots(), p.GetUsedUnits(), p.GetUnits(), bytesText(p.GetUsedBytes(), p.GetBytes()),
			100*p.GetLevel(), printable.Text(p.GetTier()), p.GetHeld(), p.GetWaiting())
		for _, c := range p.GetClasses() {
			refused := ""
			if len(c.GetRefused()) > 0 {
				refused = ", refused: " + countsText(c.GetRefused())
			}
			fmt.Fprintf(&s, "  %-18s held %d, waiting %d, granted %d, completed %d, revoked %d, expired %d, abandoned %d%s\n", printable.Text(c.GetClass()),
				c.GetHeld(), c.GetWaiting(), c.GetGranted(), c.GetCompleted(), c.GetRevoked(), c.GetExpired(), c.GetAbandoned(), refused)
		}
	}
	for _, st := range l.GetStations() {
		fmt.Fprintf(&s, "station %-36s %d of %d slots, %d waiting\n", printable.Text(st.GetName()), st.GetUsedSlots(), st.GetSlots(), st.GetWaiting())
	}
	for _, h := range l.GetLeases() {
		state := "at work"
		if h.GetPublished() {
			state = "published"
		}
		fmt.Fprintf(&s, "lease %-6s %-18s %-44s %s for %s, expires in %s (%s)\n", printable.Text(h.GetToken()), printable.Text(h.GetClass()),
			printable.Text(h.GetArtifact()), state, millis(h.GetHeldForMs()), millis(h.GetExpiresInMs()), printable.Text(h.GetHolder()))
	}
	for _, q := range l.GetWaiting() {
		fmt.Fprintf(&s, "waits        %-18s %-44s %s (%s)\n", printable.Text(q.GetClass()), printable.Text(q.GetArtifact()), millis(q.GetWaitingMs()), printable.Text(q.GetHolder()))
	}
	if none := l.GetNoBudget(); len(none) > 0 {
		fmt.Fprintf(&s, "refused without a budget: %s\n", countsText(none))
	}
	return s.String()
}
