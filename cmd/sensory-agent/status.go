package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

func newStatusCommand() *cobra.Command {
	return group("status", "Ask a running persona on this machine what it holds",
		newAskCommand("seats", "Of serve: every persona in its room, or on its way there, and what stands in the way", seatsPath, seatsText),
		newAskCommand("leases", "Budgets, leases held, demands waiting, completions and refusals by silicon and class", leasesPath, leasesText),
		newAskCommand("models", "Models loaded, who holds them, what they take; loads, hits, evictions and refusals", modelsPath, modelsText),
		newAskCommand("prompts", "What personas keep of their prompts from reply to reply, by silicon; evictions and refusals", promptsPath, promptsText),
		newAskCommand("store", "What was kept of what was said: utterances written, lost, deleted; attempts that failed", storePath, storeText),
		newAskCommand("limits", "What was refused of participants, by kind and by participant; what became of questions", limitsPath, limitsText),
	)
}

// newAskCommand prints one page of a running persona. text makes the answer readable.
func newAskCommand(use, short, path string, text func(body []byte) (string, error)) *cobra.Command {
	var ask askFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			body, err := ask.fetch(cmd, path)
			if err != nil {
				return err
			}
			out := string(body)
			if !asJSON {
				if out, err = text(body); err != nil {
					return err
				}
			}
			return printText(cmd.OutOrStdout(), "%s", out)
		},
	}
	ask.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

func storeText(body []byte) (string, error) {
	var st room.TranscriptStats
	if err := json.Unmarshal(body, &st); err != nil {
		return "", fmt.Errorf("the answer is no store: %w", err)
	}
	w, r := st.Writer, st.Retention
	degraded := ""
	if st.Health.Degraded() {
		degraded = fmt.Sprintf("degraded since %s: %s\n", st.Health.Since.Local().Format(time.DateTime), printable.Text(st.Health.Reason))
	}
	return degraded + fmt.Sprintf("%s\nwritten %d utterances, %d messages, %d turns in %d batches, waiting %d, lost %d, %d attempts failed\ndeleted %d in %d runs, %d gave way, %d failed\n",
		printable.Text(st.Path), w.Written, w.Messages, w.Turns, w.Batches, w.Waiting, w.Lost, w.Failures, r.Deleted, r.Runs, r.Revoked, r.Failed), nil
}

func limitsText(body []byte) (string, error) {
	var many roomLimits
	if err := json.Unmarshal(body, &many); err == nil && many.Rooms != nil {
		var s strings.Builder
		for _, name := range slices.Sorted(maps.Keys(many.Rooms)) {
			fmt.Fprintf(&s, "room %s\n%s", printable.Cut(name, maxShown), refusals(many.Rooms[name]))
		}
		return s.String(), nil
	}
	var st room.LimitStats
	if err := json.Unmarshal(body, &st); err != nil {
		return "", fmt.Errorf("the answer counts no refusals: %w", err)
	}
	return refusals(st), nil
}

// refusals describes what a room did not take.
func refusals(st room.LimitStats) string {
	var s strings.Builder
	q := st.Questions
	fmt.Fprintf(&s, "questions    asked %d, answered %d, waiting %d, waited %d, superseded %d, yielded %d, crowded %d, late %d; of agents %d\n",
		q.Asked, q.Answered, q.Waiting, q.Waited, q.Superseded, q.Yielded, q.Crowded, q.Late, q.Agents)
	fmt.Fprintf(&s, "voice        %d packets that nobody could hear\n", st.UnheardPackets)
	fmt.Fprintf(&s, "refused      %s\n", countsText(st.Room.Refused))
	for _, p := range st.Room.Participants {
		fmt.Fprintf(&s, "  %s: %s\n", printable.Cut(p.Identity, maxShown), countsText(p.Refused))
	}
	if st.Room.Others > 0 {
		fmt.Fprintf(&s, "  others: %d\n", st.Room.Others)
	}
	if len(st.Letters.Refused) > 0 {
		fmt.Fprintf(&s, "letters      refused of messages sent by the API: %s\n", countsText(st.Letters.Refused))
	}
	return s.String()
}

func seatsText(body []byte) (string, error) {
	var seats []seatShown
	if err := json.Unmarshal(body, &seats); err != nil {
		return "", fmt.Errorf("the answer lists no seats: %w", err)
	}
	var s strings.Builder
	for _, st := range seats {
		fmt.Fprintf(&s, "%-20s %-20s %-8s since %s, entered %d times", printable.Cut(st.Room, maxShown), printable.Cut(st.Persona, maxShown),
			printable.Text(st.State), st.Since.Format(time.TimeOnly), st.Entered)
		if st.State == string(agent.SeatIn) && !st.Ready {
			s.WriteString(", not ready")
		}
		if st.Next != nil {
			fmt.Fprintf(&s, ", tried again at %s", st.Next.Format(time.TimeOnly))
		}
		if st.Error != "" {
			fmt.Fprintf(&s, ": %s", printable.Cut(st.Error, maxShown))
		}
		s.WriteByte('\n')
	}
	return s.String(), nil
}

// countsText lists counts by kind, in the order of their names.
func countsText(counts map[limits.Kind]uint64) string {
	if len(counts) == 0 {
		return "nothing"
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", printable.Text(string(kind)), counts[kind]))
	}
	return strings.Join(parts, ", ")
}

func promptsText(body []byte) (string, error) {
	var list []struct {
		Silicon string `json:"silicon"`
		keys.Stats
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return "", fmt.Errorf("the answer lists no prompts: %w", err)
	}
	if len(list) == 0 {
		return "no persona keeps a prompt here\n", nil
	}
	var s strings.Builder
	for _, p := range list {
		fmt.Fprintf(&s, "%-12s %s of %d personas, %d answering; evicted %d, refused %d\n",
			printable.Text(p.Silicon), bytesText(p.Bytes, p.Budget), p.Entries, p.Held, p.Evicted, p.Refused)
	}
	return s.String(), nil
}

func modelsText(body []byte) (string, error) {
	var st ort.PoolStatus
	if err := json.Unmarshal(body, &st); err != nil {
		return "", fmt.Errorf("the answer lists no models: %w", err)
	}
	var s strings.Builder
	for _, p := range st.Places {
		fmt.Fprintf(&s, "%-12s %s\n", printable.Text(p.Place), bytesText(p.Used, p.Limit))
	}
	fmt.Fprintf(&s, "loads %d, hits %d, failed %d, evictions %d, expired %d, refusals %d, abandoned %d\n",
		st.Loads, st.Hits, st.Failed, st.Evictions, st.Expired, st.Refusals, st.Abandoned)
	for _, m := range st.Models {
		fmt.Fprintf(&s, "%-7s %-44s %-8s %d threads  %8.1f MB  %d holders, %d hits, loaded in %s", m.State, printable.Text(m.Name), printable.Text(m.Place), m.Threads,
			float64(m.Bytes)/1e6, m.Holders, m.Hits, round(int64(m.Took)))
		if m.State == ort.StateIdle {
			fmt.Fprintf(&s, ", idle for %s, closes in %s", round(int64(m.IdleFor)), round(int64(m.ClosesIn)))
		}
		s.WriteByte('\n')
	}
	return s.String(), nil
}
