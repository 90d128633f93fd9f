package agent

import "time"

// What tests of the policy see of it.
type (
	Order    = order
	Ask      = ask
	Decision = decision
	Fate     = fate
	People   = people
	View     = view
	Standing = standing
)

// Bounds of the policy.
const (
	WaitingPlaces    = waitingPlaces
	WaitingLimit     = waitingLimit
	PassesLimit      = passesLimit
	AgentsRemembered = agentsRemembered
	SubscribeLimit   = subscribeLimit
	DarkAfter        = darkAfter
	Invitation       = invitation
	KeptText         = keptText
)

// NewPeople returns an empty room.
func NewPeople() *People { return newPeople() }

// FateError is what is reported of a question with that fate.
func FateError(f Fate) error { return f.err() }

// ChooseView chooses the track that a question is about.
func ChooseView(views []View, who, text string, now time.Time) (View, bool) {
	return chooseView(views, who, text, now)
}

// Reconsiders tells whether an answer is begun anew for a track.
func Reconsiders(track View, asker Ask, blind, audible bool, now time.Time) bool {
	return reconsiders(track, asker, blind, audible, now)
}

// Dark tells whether a track has shown nothing although there was time for it.
func Dark(v View, now time.Time) bool { return v.dark(now) }

// AsksSomething tells whether a spoken text is a question.
func AsksSomething(text string, answering bool, invited, now time.Time) bool {
	return asksSomething(text, answering, invited, now)
}

// CutText is what is kept of a text that the model refuses for its size.
func CutText(text string) string { return cutText(text) }
