package room

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/store"
)

// conversation is what a persona knows of what was said in its room. It belongs to the actor; a nil
// one knows nothing, and every question stands alone.
type conversation struct {
	prompts *prompt.Conversation
	log     *slog.Logger
	asked   keys.Thread // its prompts
}

// converse begins the conversation of a persona with its model. There is none where the persona has
// no prompt and either no history is wanted or its model takes none. Errors: those of
// prompt.NewConversation, which say why the persona cannot be.
func (s *Seat) converse() (*conversation, error) {
	models, cfg, log := s.models, &s.who, s.log
	traits := models.Traits()
	if cfg.History == persona.HistoryStored {
		switch {
		case s.room.cfg.Transcripts == nil:
			return nil, fmt.Errorf("%w: history stored needs a store", ErrConfig)
		case !traits.History:
			return nil, &StageError{Stage: StageReply, Err: ErrNoHistory}
		}
	}
	off := cfg.History == persona.HistoryOff || !traits.History
	if off && cfg.Prompt == "" {
		if cfg.History != persona.HistoryOff {
			log.Info("the model takes no history: every question stands alone")
		}
		return nil, nil // nothing is remembered, which is no error
	}
	who, limits := prompt.Persona{Name: cfg.Name, Instructions: s.told()}, prompt.Limits{Answer: models.AnswerTokens(), NoTranscript: off}
	prompts, err := prompt.NewConversation(who, traits, limits)
	if errors.Is(err, prompt.ErrTooLong) && who.Instructions != cfg.Prompt {
		log.Warn("the model's window does not hold how to ask for what is to be remembered: people's own words alone are", "error", err)
		who.Instructions = cfg.Prompt
		prompts, err = prompt.NewConversation(who, traits, limits)
	}
	if errors.Is(err, prompt.ErrTooLong) && cfg.Prompt == "" && cfg.History == persona.HistoryRoom {
		log.Warn("the model's window holds no history beside an answer: every question stands alone", "error", err)
		return nil, nil // nothing is remembered, and nobody asked for it by name
	}
	if err != nil {
		return nil, &StageError{Stage: StageReply, Err: err}
	}
	return &conversation{prompts: prompts, log: log}, nil
}

// recalled are how many utterances are read from the store: more than any window of today holds.
// The lines of the room itself are numbered from there.
const recalled = 2000

// recall takes up what the store has of the room, the persona's own words among it, as if it had
// just been said. What is beyond the window is dropped, oldest first.
func (c *conversation) recall(ctx context.Context, kept *Transcripts, room, persona string) error {
	lines := uint64(0)
	err := kept.db.List(ctx, store.Query{Room: room, Limit: recalled}, func(u store.Utterance) error {
		lines++
		c.said(prompt.Line{Seq: lines, Speaker: u.Participant, Own: u.Role == store.Persona && u.Participant == persona, Text: u.Text})
		return nil
	})
	if err != nil {
		return &StageError{Stage: StageStore, Err: err}
	}
	c.log.Info("what was said before was taken up", "utterances", lines, "lines", c.prompts.Len())
	return nil
}

// said takes a line that somebody said or wrote.
func (c *conversation) said(line prompt.Line) {
	if c != nil {
		c.compacted(c.prompts.Append(time.Now(), line))
	}
}

// ask builds the prompt for an answer to a line. given stands before what was said.
func (c *conversation) ask(line prompt.Line, given Given, tail prompt.Tail) (reply.Prompt, error) {
	if given.Err != nil {
		return reply.Prompt{}, given.Err
	}
	if c == nil {
		if given.Key != "" {
			return reply.Prompt{}, errAlone
		}
		return reply.Prompt{}, nil
	}
	tail.Given = given.Segments
	p, err := c.prompts.Ask(time.Now(), line, tail)
	var long *prompt.TooLongError
	if errors.As(err, &long) && long.Kind == prompt.KindTail && tail.PartTokens > 0 {
		tail.PartTokens = max(tail.PartTokens-(long.Tokens-long.Limit), 0) // what is seen is bounded when it is asked about
		p, err = c.prompts.Ask(time.Now(), line, tail)
	}
	if err != nil {
		return reply.Prompt{}, err
	}
	c.compacted(p.Compacted)
	if p.Unsaid > 0 {
		c.log.Warn("the model's window does not hold all that others answered before", "lines", p.Unsaid)
	}
	chain, broke := c.asked.Next(p)
	return reply.Prompt{
		Messages: p.Messages, Key: string(chain.Persona()), Context: cmp.Or(given.Key, string(chain.Prefix())), Break: broke,
	}, nil
}

// imagine builds the prompt for an answer to a line that nobody has said yet, as ask does it, and
// takes no note of it.
func (c *conversation) imagine(line prompt.Line, tail prompt.Tail) (reply.Prompt, error) {
	if c == nil {
		return reply.Prompt{}, nil
	}
	before := c.asked
	p, err := c.ask(line, Given{}, tail)
	c.asked = before
	return p, err
}

// compacted tells the log what was dropped.
func (c *conversation) compacted(done *prompt.Compaction) {
	if done != nil {
		c.log.Info("the conversation was compacted", "compaction", *done)
	}
}

// sightTokens is what the newest sight of an eye has in a prompt; 0 where there is none yet: what
// is seen meanwhile is bounded when it is asked about. What adapters see, or that there is nothing,
// is told whatever it is.
func (s *Seat) sightTokens(look reply.Look) int {
	if look.Eye == nil || look.Assisted {
		return s.models.SightTokens(nil)
	}
	now, cancel := context.WithCancel(s.room.life)
	cancel() // it is not waited for
	return s.models.SightTokens(look.Eye.Newest(now, time.Time{}))
}
