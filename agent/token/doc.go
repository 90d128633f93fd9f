// Package token lets people of web pages into rooms: POST /token, LiveKit's standard endpoint,
// which pages of stock parts call without change.
//
// In: who wants to enter which room, as JSON of LiveKit's TokenSourceRequest. Out: where the server
// is, and a token of short life with what a human needs and nothing else: to enter that one room,
// to be heard and seen, to hear and see, to write. Rooms, agents that a room is to have and
// identities are checked against what is served; all else is bounded. What is refused is a
// *[Error], one stable word and the field concerned, and is counted ([Handler.Stats]).
//
// The package listens nowhere, asks nobody for a password and writes no log: whoever mounts it
// decides who may ask. It owns no goroutine, knows LiveKit's protocol and nothing of ours.
package token
