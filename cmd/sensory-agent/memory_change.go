package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/internal/printable"
	"github.com/sensory-agent/sensory-agent/store"
)

func newMemoryForgetCommand(f *memoryFlags) *cobra.Command {
	var q memoryQuery
	cmd := &cobra.Command{
		Use:   "forget ID... | --persona P --subject S",
		Short: "Delete memories for good, by id or all about a subject",
		Long: `Deletes memories and overwrites their text in the file. There is no way back but an export. With --persona and --subject: all that a
persona remembers about somebody, for example --subject person:ada.`,
		Example: "  sensory-agent memory forget m_0123456789abcdef01234567\n  sensory-agent memory forget --persona iris --subject person:ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			if subject := q.persona != "" && q.subject != ""; subject == (len(args) > 0) || !subject && (q.persona != "" || q.subject != "" || q.room != "") {
				return usageError{errors.New("name the memories by their ids, or give --persona and --subject (with --room or without)")}
			}
			return f.write(cmd, false, func(db *store.DB) error {
				list, err := f.chosen(cmd, db, &q, args)
				if err != nil {
					return err
				}
				return f.forget(cmd, db, list)
			})
		},
	}
	q.register(cmd)
	cmd.Flags().StringVar(&q.subject, "subject", "", "all about this subject: person:IDENTITY, name:NAME, persona or room")
	return cmd
}

// chosen finds the memories of ids, all of them, or those about a subject.
func (f *memoryFlags) chosen(cmd *cobra.Command, db *store.DB, q *memoryQuery, ids []string) ([]memory.Memory, error) {
	if len(ids) == 0 {
		return db.Memories(cmd.Context(), store.MemoryQuery{Persona: q.persona, Room: q.room, Subject: q.subject})
	}
	var out []memory.Memory
	for _, id := range ids {
		m, err := one(cmd.Context(), db, id)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// forget deletes memories, those of a persona at once.
func (f *memoryFlags) forget(cmd *cobra.Command, db *store.DB, list []memory.Memory) error {
	changes := map[string]*memory.Change{}
	ids := []string{}
	for _, m := range list {
		if changes[m.Persona] == nil {
			changes[m.Persona] = &memory.Change{}
		}
		change := changes[m.Persona]
		change.Forget = append(change.Forget, memory.Forgotten{ID: m.ID, Reason: memory.ReasonForgotten})
		ids = append(ids, m.ID)
	}
	for persona, change := range changes {
		_, err := db.ChangeMemories(cmd.Context(), persona, time.Now(), nil, func([]memory.Memory) (memory.Change, error) { return *change, nil })
		if err != nil {
			return err
		}
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"forgotten": ids}) // of standard output
	}
	return printText(cmd.OutOrStdout(), "forgot %d\n", len(ids))
}

func newMemoryPromoteCommand(f *memoryFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "promote ID",
		Short: "Vouch for a memory: out of quarantine, or to stay for good",
		Long: `Makes a memory an active one with the trust "operator", whatever the gate thought of it: it has no time to live and gives way to nobody.
What it contradicts is superseded.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.write(cmd, false, func(db *store.DB) error {
				m, err := one(cmd.Context(), db, args[0])
				if err != nil {
					return err
				}
				now := time.Now()
				_, err = db.ChangeMemories(cmd.Context(), m.Persona, now, nil, func(known []memory.Memory) (memory.Change, error) {
					return memory.Promote(known, m.ID, now, 0)
				})
				switch {
				case errors.Is(err, memory.ErrSuperseded):
					return fmt.Errorf("%s: %w: forget %s first", m.ID, err, m.SupersededBy)
				case errors.Is(err, memory.ErrBudget):
					return fmt.Errorf("%s: %w about %s: forget one first", m.ID, err, printable.Text(m.Subject))
				case err != nil:
					return err
				}
				if m, err = one(cmd.Context(), db, m.ID); err != nil {
					return err
				}
				return f.print(cmd, &m, oneMemory)
			})
		},
	}
}

func newMemoryExportCommand(f *memoryFlags) *cobra.Command {
	var q memoryQuery
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Print memories for import, as JSON lines with a header",
		Example: "  sensory-agent memory export --persona iris > iris.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.read(cmd, func(db *store.DB) error {
				list, err := db.Memories(cmd.Context(), store.MemoryQuery{Persona: q.persona, Room: q.room})
				if err != nil {
					return err
				}
				return memory.Export(cmd.OutOrStdout(), list)
			})
		},
	}
	q.register(cmd)
	return cmd
}

func newMemoryImportCommand(f *memoryFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Add what export printed; what is there already stays as it is",
		Long: `Reads all of an export or nothing. What reads like an instruction or holds a secret goes to quarantine, whatever the file says of it.
- reads standard input. A store is made where there is none.`,
		Example: "  sensory-agent memory import --store transcripts.db iris.jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := readExport(cmd.InOrStdin(), args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return f.write(cmd, true, func(db *store.DB) error {
				added, err := db.ImportMemories(cmd.Context(), list)
				if err != nil {
					return err
				}
				waiting := 0
				for i := range list {
					if list[i].Reason == memory.ReasonRechecked {
						waiting++
					}
				}
				if f.asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]int{"read": len(list), "added": added, "rechecked": waiting}) // of standard output
				}
				return printText(cmd.OutOrStdout(), "added %d of %d; %d of them to quarantine\n", added, len(list), waiting)
			})
		},
	}
}

func readExport(in io.Reader, name string) ([]memory.Memory, error) {
	if name == "-" {
		return memory.Import(in)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the file
	}
	defer func() { _ = f.Close() }()
	return memory.Import(f)
}
