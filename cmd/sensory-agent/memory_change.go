package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/store"
)

func newMemoryForgetCommand(f *memoryFlags) *cobra.Command {
	var q memoryQuery
	cmd := &cobra.Command{
		Use:   "forget ID... | --persona P --subject S",
		Short: "Delete memories for good, by id or all about a subject",
		Long: `Deletes memories and overwrites their text (PostgreSQL: docs/store.md). There is no way back but an export. With --persona and --subject: all that a
persona remembers about somebody, for example --subject person:ada.`,
		Example: "  sensory-agent memory forget mem_0123456789abcdef01234567\n  sensory-agent memory forget --persona iris --subject person:ada",
		RunE: func(cmd *cobra.Command, args []string) error {
			if subject := q.persona != "" && q.subject != ""; subject == (len(args) > 0) || !subject && (q.persona != "" || q.subject != "" || q.room != "") {
				return usageError{errors.New("name the memories by their ids, or give --persona and --subject (with --room or without)")}
			}
			return f.use(cmd, writes, func(kept memories) error {
				ids, err := kept.forget(cmd.Context(), args, store.MemoryQuery{Persona: q.persona, Room: q.room, Subject: q.subject})
				if err != nil && !errors.Is(err, store.ErrUnerased) {
					return err
				}
				if f.asJSON {
					return errors.Join(json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"forgotten": ids}), err) // of standard output
				}
				return errors.Join(printText(cmd.OutOrStdout(), "forgot %d\n", len(ids)), err)
			})
		},
	}
	q.register(cmd)
	cmd.Flags().StringVar(&q.subject, "subject", "", "all about this subject: person:IDENTITY, name:NAME, persona or room")
	return cmd
}

func newMemoryPromoteCommand(f *memoryFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "promote ID",
		Short: "Vouch for a memory: out of quarantine, or to stay for good",
		Long: `Makes a memory an active one with the trust "operator", whatever the gate thought of it: it has no time to live and gives way to nobody.
What it contradicts is superseded.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.use(cmd, writes, func(kept memories) error {
				m, err := kept.promote(cmd.Context(), args[0])
				if err != nil {
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
			return f.use(cmd, reads, func(kept memories) error {
				var list []memory.Memory
				err := kept.list(cmd.Context(), store.MemoryQuery{Persona: q.persona, Room: q.room}, func(m *memory.Memory) error {
					list = append(list, *m)
					return nil
				})
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
- reads standard input. With --store a store is made where there is none; a running program takes 8192 memories at once.`,
		Example: "  sensory-agent memory import iris.jsonl\n  sensory-agent memory import --store transcripts.db iris.jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := readExport(cmd.InOrStdin(), args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return f.use(cmd, makes, func(kept memories) error {
				added, waiting, err := kept.add(cmd.Context(), list)
				if err != nil {
					return err
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
