// Package api serves what a running process knows and can be told, to other programs: rooms and who
// is in them, personas to seat, to mute and to steer, chat, turns to plan and to run, leases and
// models; and what happens while it happens ([agent.Events]): those calls stream.
//
// The contract is in sensory/v1/*.proto; what is generated of it is committed. It is spoken over
// Connect: each call is a POST of protobuf or JSON to /sensory.v1.Service/Call, so that curl is a
// client.
//
// In: requests that anybody may send who holds the token; everything in them is checked before it
// goes on: sizes, characters, counts. Out: answers, or errors with a code of Connect's and a detail
// [sensoryv1.ErrorInfo] whose reason is one stable word. Between them stand bounds on the bytes of
// a request, on calls at once, on calls a second and on the time of each, and a fence for panics;
// what they refuse is counted ([Server.Stats]).
//
// The package listens nowhere: internal/ops has the listener, the token and the check of the Host
// header. It owns no goroutine; each call runs in that of its request.
package api

// What would break others is not kept: who means to breaks it with the last line by hand.
//
//go:generate go tool -modfile=../tools/proto/go.mod buf generate
//go:generate go tool -modfile=../tools/proto/go.mod buf breaking --against contract.binpb
//go:generate go tool -modfile=../tools/proto/go.mod buf build --exclude-source-info -o contract.binpb
