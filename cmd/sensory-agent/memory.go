package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/api/client"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

// memoryFlags are those of every memory command.
type memoryFlags struct {
	sourceFlags
	asJSON bool
}

func newMemoryCommand(root *rootFlags) *cobra.Command {
	f := &memoryFlags{sourceFlags: sourceFlags{root: root}}
	cmd := group("memory", "What personas remember: list it, forget it, let it out of quarantine, take it elsewhere",
		newMemoryListCommand(f), newMemoryShowCommand(f), newMemoryForgetCommand(f), newMemoryPromoteCommand(f),
		newMemoryExportCommand(f), newMemoryImportCommand(f))
	cmd.Long = `What personas remember of people and rooms, as serve and join --store keep it. Active memories stand in
a persona's prompts; what reads like an instruction, holds a secret, or was said about others by
somebody that nobody vouches for waits in quarantine for promote or forget. A running program takes
up a change when its room is idle next.

The commands ask a program that runs with serve or join --listen --store. With --store, or with
--offline, they use its store, whether it runs or not.`
	f.register(cmd.PersistentFlags(), "use this store, which serve or join --store writes, and ask nobody")
	cmd.PersistentFlags().BoolVar(&f.asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// What is to be done with a store.
type purpose int

const (
	reads  purpose = iota
	writes         // where there is one
	makes          // also where there is none
)

// use finds who keeps the memories, and runs fn with them.
func (f *memoryFlags) use(cmd *cobra.Command, to purpose, fn func(memories) error) (err error) {
	stored, err := f.stored(cmd)
	if err != nil {
		return err
	}
	var kept memories
	if stored {
		kept, err = f.opened(cmd, to)
	} else {
		var c chatClient
		c, err = f.program(cmd)
		kept = toldMemories{c}
	}
	if err != nil {
		return err
	}
	defer closing(&err, kept.close)
	return remembered(fn(kept))
}

// opened opens the store. It is made only where that is said.
func (f *memoryFlags) opened(cmd *cobra.Command, to purpose) (memories, error) {
	place, err := f.place(cmd)
	if err != nil {
		return nil, err
	}
	if to != makes {
		there, err := store.OpenReader(cmd.Context(), place)
		if err != nil || to == reads {
			return storedMemories{there}, err
		}
		if err := there.Close(); err != nil {
			return nil, err
		}
	}
	db, err := store.Open(cmd.Context(), place)
	return storedMemories{db}, err
}

// remembered adds what to do about it to an error.
func remembered(err error) error {
	var told *client.Error
	if errors.Is(err, memory.ErrUnknown) || errors.As(err, &told) && told.Reason == "unknown_memory" {
		return fmt.Errorf("%w; see: sensory-agent memory list", err)
	}
	return err
}

// memoryQuery are flags that choose memories.
type memoryQuery struct {
	persona, room, subject, status string
	limit                          int
}

func (q *memoryQuery) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&q.persona, "persona", "", "of this persona only, by its identity")
	fs.StringVar(&q.room, "room", "", "said in this room only, by its name or handle")
}

// query checks the flags.
func (q *memoryQuery) query() (store.MemoryQuery, error) {
	status := memory.Status(q.status)
	for _, s := range memory.Statuses() {
		if s == status {
			status = ""
		}
	}
	switch {
	case status != "":
		return store.MemoryQuery{}, usageError{fmt.Errorf("--status %q: there are: %s", q.status, join(memory.Statuses()))}
	case q.limit < 0:
		return store.MemoryQuery{}, usageError{errors.New("--limit must not be negative")}
	}
	return store.MemoryQuery{Persona: q.persona, Room: q.room, Subject: q.subject, Status: memory.Status(q.status), Limit: q.limit}, nil
}

func join[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

func newMemoryListCommand(f *memoryFlags) *cobra.Command {
	var q memoryQuery
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Print memories, the oldest first",
		Example: "  sensory-agent memory list --persona iris --status quarantined\n" +
			"  sensory-agent memory list --store transcripts.db --json | jq .text",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := q.query()
			if err != nil {
				return err
			}
			return f.use(cmd, reads, func(kept memories) error {
				return kept.list(cmd.Context(), query, func(m *memory.Memory) error { return f.print(cmd, m, oneMemory) })
			})
		},
	}
	q.register(cmd)
	cmd.Flags().StringVar(&q.subject, "subject", "", "about this subject only: person:IDENTITY, name:NAME, persona or room")
	cmd.Flags().StringVar(&q.status, "status", "", "with this status only: "+join(memory.Statuses()))
	cmd.Flags().IntVar(&q.limit, "limit", 0, "only so many, the newest; 0 prints all")
	return cmd
}

func newMemoryShowCommand(f *memoryFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Print one memory with where it comes from and what has become of it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.use(cmd, reads, func(kept memories) error {
				m, err := kept.one(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return f.print(cmd, &m, wholeMemory)
			})
		},
	}
}

// print prints a memory, as JSON or as the text that is wanted.
func (f *memoryFlags) print(cmd *cobra.Command, m *memory.Memory, text func(*memory.Memory) string) error {
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(m) // of standard output
	}
	return printText(cmd.OutOrStdout(), "%s", text(m))
}
