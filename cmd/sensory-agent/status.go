package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// sessionsPath is where a running persona serves its loaded models.
const sessionsPath = "/v1/sessions"

func newStatusSessionsCommand() *cobra.Command {
	var address string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "Models loaded, who holds them, what they take; loads, hits, evictions and refusals",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			body, err := fetchOps(cmd.Context(), address, sessionsPath)
			if err != nil {
				return err
			}
			if asJSON {
				_, err := cmd.OutOrStdout().Write(body)
				return err
			}
			return printSessions(cmd.OutOrStdout(), body)
		},
	}
	cmd.Flags().StringVar(&address, "address", opsAddress, "where join --listen serves")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// storePath is where a running persona serves what it counted of its store.
const storePath = "/v1/store"

func newStatusStoreCommand() *cobra.Command {
	var address string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "store",
		Short: "What was kept of what was said: utterances written, lost, deleted; attempts that failed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			body, err := fetchOps(cmd.Context(), address, storePath)
			if err != nil {
				return err
			}
			if asJSON {
				_, err := cmd.OutOrStdout().Write(body)
				return err
			}
			var st agent.TranscriptStats
			if err := json.Unmarshal(body, &st); err != nil {
				return fmt.Errorf("the answer is no store: %w", err)
			}
			w, r := st.Writer, st.Retention
			return printText(cmd.OutOrStdout(), "%s\nwritten %d in %d batches, waiting %d, lost %d, %d attempts failed\ndeleted %d in %d runs, %d gave way, %d failed\n",
				st.Path, w.Written, w.Batches, w.Waiting, w.Lost, w.Failures, r.Deleted, r.Runs, r.Revoked, r.Failed)
		},
	}
	cmd.Flags().StringVar(&address, "address", opsAddress, "where join --listen serves")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return cmd
}

func printSessions(w io.Writer, body []byte) error {
	var st ort.PoolStatus
	if err := json.Unmarshal(body, &st); err != nil {
		return fmt.Errorf("the answer lists no sessions: %w", err)
	}
	var s strings.Builder
	for _, p := range st.Places {
		fmt.Fprintf(&s, "%-12s %s\n", p.Place, bytesText(p.Used, p.Limit))
	}
	fmt.Fprintf(&s, "loads %d, hits %d, failed %d, evictions %d, expired %d, refusals %d, abandoned %d\n",
		st.Loads, st.Hits, st.Failed, st.Evictions, st.Expired, st.Refusals, st.Abandoned)
	for _, m := range st.Sessions {
		fmt.Fprintf(&s, "%-7s %-44s %-8s %d threads  %8.1f MB  %d holders, %d hits, loaded in %s", m.State, m.Name, m.Place, m.Threads,
			float64(m.Bytes)/1e6, m.Holders, m.Hits, round(int64(m.Took)))
		if m.Runs > 0 {
			fmt.Fprintf(&s, ", %d of %d runs", m.Running, m.Runs)
		}
		if m.State == ort.StateIdle {
			fmt.Fprintf(&s, ", idle for %s, closes in %s", round(int64(m.IdleFor)), round(int64(m.ClosesIn)))
		}
		s.WriteByte('\n')
	}
	_, err := io.WriteString(w, s.String())
	return err
}
