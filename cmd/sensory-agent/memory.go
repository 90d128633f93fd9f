package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

// errNoMemory says that an id is not in the store.
var errNoMemory = errors.New("no such memory; see: sensory-agent memory list")

// memoryFlags are those of every memory command.
type memoryFlags struct {
	root *rootFlags
	placeFlags
	place  string
	asJSON bool
}

func newMemoryCommand(root *rootFlags) *cobra.Command {
	f := &memoryFlags{root: root}
	cmd := group("memory", "What personas remember: list it, forget it, let it out of quarantine, take it elsewhere",
		newMemoryListCommand(f), newMemoryShowCommand(f), newMemoryForgetCommand(f), newMemoryPromoteCommand(f),
		newMemoryExportCommand(f), newMemoryImportCommand(f))
	cmd.Long = `What personas remember of people and rooms, as serve and join --store keep it. Active memories stand in
a persona's prompts; what reads like an instruction, holds a secret, or was said about others by
somebody that nobody vouches for waits in quarantine for promote or forget. A running program takes
up a change when its room is idle next.`
	f.register(cmd.PersistentFlags(), "store that serve or join --store writes (default store.path of the configuration file)")
	cmd.PersistentFlags().BoolVar(&f.asJSON, "json", false, "print JSON instead of text")
	return cmd
}

// configured finds the store.
func (f *memoryFlags) configured(cmd *cobra.Command) error {
	file, err := f.root.configure(cmd)
	if err == nil {
		f.place, err = f.need(cmd, file)
	}
	return err
}

// read runs fn with the store open for reading.
func (f *memoryFlags) read(cmd *cobra.Command, fn func(*store.DB) error) (err error) {
	if err := f.configured(cmd); err != nil {
		return err
	}
	db, err := store.OpenReader(cmd.Context(), f.place)
	if err != nil {
		return err
	}
	defer closing(&err, db.Close)
	return fn(db)
}

// write runs fn with the store open for writing. It is made only where create says so.
func (f *memoryFlags) write(cmd *cobra.Command, create bool, fn func(*store.DB) error) (err error) {
	if err := f.configured(cmd); err != nil {
		return err
	}
	if !create {
		there, err := store.OpenReader(cmd.Context(), f.place)
		if err != nil {
			return err
		}
		if err := there.Close(); err != nil {
			return err
		}
	}
	db, err := store.Open(cmd.Context(), f.place)
	if err != nil {
		return err
	}
	defer closing(&err, db.Close)
	return fn(db)
}

// memoryQuery are flags that choose memories.
type memoryQuery struct {
	persona, room, subject, status string
	limit                          int
}

func (q *memoryQuery) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&q.persona, "persona", "", "of this persona only, by its identity")
	fs.StringVar(&q.room, "room", "", "said in this room only")
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
		Use:     "list",
		Short:   "Print memories, the oldest first",
		Example: "  sensory-agent memory list --store transcripts.db --persona iris --status quarantined\n  sensory-agent memory list --json | jq .text",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := q.query()
			if err != nil {
				return err
			}
			return f.read(cmd, func(db *store.DB) error {
				list, err := db.Memories(cmd.Context(), query)
				if err != nil {
					return err
				}
				for i := range list {
					if err := f.print(cmd, &list[i], oneMemory); err != nil {
						return err
					}
				}
				return nil
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
			return f.read(cmd, func(db *store.DB) error {
				m, err := one(cmd.Context(), db, args[0])
				if err != nil {
					return err
				}
				return f.print(cmd, &m, wholeMemory)
			})
		},
	}
}

// one finds a memory.
func one(ctx context.Context, db *store.DB, id string) (memory.Memory, error) {
	if id == "" {
		return memory.Memory{}, usageError{errNoMemory}
	}
	list, err := db.Memories(ctx, store.MemoryQuery{ID: id})
	if err != nil {
		return memory.Memory{}, err
	}
	if len(list) == 0 {
		return memory.Memory{}, fmt.Errorf("%q: %w", id, errNoMemory)
	}
	return list[0], nil
}

// print prints a memory, as JSON or as the text that is wanted.
func (f *memoryFlags) print(cmd *cobra.Command, m *memory.Memory, text func(*memory.Memory) string) error {
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(m) // of standard output
	}
	return printText(cmd.OutOrStdout(), "%s", text(m))
}

// oneMemory is a memory in a line.
func oneMemory(m *memory.Memory) string {
	status := string(m.Status)
	if m.Status != memory.Active || m.Trust == memory.Operator {
		status += " (" + string(m.Reason) + ")"
	}
	return fmt.Sprintf("%s  %s  %-10s %-10s %-16s %-8s %-26s %s\n", m.ID, m.Created.Local().Format("2006-01-02 15:04"), printable.Text(m.Persona),
		printable.Text(m.Room), printable.Text(m.Subject), m.Trust, status, printable.Text(m.Text))
}

// wholeMemory is a memory with all that is known of it.
func wholeMemory(m *memory.Memory) string {
	var b strings.Builder
	when := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Local().Format(time.RFC3339)
	}
	for _, field := range []struct{ name, value string }{
		{"id", m.ID},
		{"text", m.Text},
		{"persona", m.Persona},
		{"room", m.Room},
		{"subject", m.Subject},
		{"kind", string(m.Kind)},
		{"speaker", m.Speaker},
		{"trust", m.Trust.String()},
		{"status", string(m.Status)},
		{"reason", string(m.Reason)},
		{"said", fmt.Sprintf("%d times", m.Count)},
		{"sources", strings.Join(m.Sources, " ")},
		{"created", when(m.Created)},
		{"updated", when(m.Updated)},
		{"expires", when(m.Expires)},
		{"ended", when(m.Ended)},
		{"superseded by", m.SupersededBy},
	} {
		if field.value != "" {
			fmt.Fprintf(&b, "%-14s %s\n", field.name, printable.Text(field.value))
		}
	}
	return b.String()
}
