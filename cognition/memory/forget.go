package memory

import (
	"slices"
	"strings"
)

// ForgetRequest is what a person asks to forget.
type ForgetRequest struct {
	// Text is what it is about; empty where All is set.
	Text string
	// All asks to forget everything about who asks.
	All bool
}

func forgetVerbs() request { return request{verbs: []string{"forget about", "forget"}} }

// ForgetRequests are what a person asks to forget in an utterance: "forget that …", "forget about
// my …", "forget what I said about …", "forget everything about me". "Forget it" is not one of
// them, nor what somebody else is said to have forgotten.
func ForgetRequests(text string, called []string) []ForgetRequest {
	var out []ForgetRequest
	for _, s := range sentences(clean(bounded(text))) {
		body, framed := unframe(s.text, called)
		rest, found := forgetVerbs().cut(body)
		if !found || s.asked && !framed || overriding(s.text) {
			continue
		}
		rest = trimEnd(rest)
		list := split(fold(rest))
		switch {
		case len(list) == 0 || len(list) == 1 && in("it that this", list[0]):
		case in("everything anything all", list[0]):
			if last := list[len(list)-1]; in("me myself", last) || last == "us" {
				out = append(out, ForgetRequest{All: true})
			}
		default:
			for _, p := range []string{"what i told you about", "what i said about", "what you know about", "what i told you", "that i told you that"} {
				if after, ok := cutFold(rest, p); ok {
					rest = strings.TrimSpace(after)
				}
			}
			out = append(out, ForgetRequest{Text: rest})
		}
	}
	return out
}

// mostForgotten are how many memories one request without "everything" may take: who is not clear
// enough must not lose more.
const mostForgotten = 3

// Forget finds the memories that a person asks to forget. They may let go what is about themselves
// and what they said about a room, each at most as trusted as they are; what is about somebody they
// may let go who has that identity for certain. What was promoted and is about a room stays: an
// operator forgets it.
func Forget(r ForgetRequest, by Utterance, room string, memories []Memory) Change {
	var out Change
	want := content(words(r.Text))
	if !r.All && len(want) == 0 {
		return out
	}
	for i := range memories {
		m := &memories[i]
		if !may(by, room, m) || r.All && m.Subject != PersonSubject(by.Speaker) {
			continue
		}
		if r.All || covered(want, content(words(m.Text))) >= support {
			out.Forget = append(out.Forget, Forgotten{ID: m.ID, Reason: ReasonForgotten})
		}
	}
	if !r.All && len(out.Forget) > mostForgotten {
		out.Forget = out.Forget[len(out.Forget)-mostForgotten:] // the newest ones
	}
	return out
}

// may tells whether who speaks may let a memory go.
func may(by Utterance, room string, m *Memory) bool {
	if by.Role != Human || by.Trust < Claimed {
		return false
	}
	if m.Subject == PersonSubject(by.Speaker) {
		return by.Trust >= Known || m.Trust <= by.Trust && m.Room == room
	}
	return m.Speaker == by.Speaker && m.Room == room && m.Trust <= by.Trust && !slices.Contains([]string{SubjectPersona}, m.Subject)
}
