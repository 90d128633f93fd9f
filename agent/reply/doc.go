// Package reply is one answer of one persona, as a cancellable scope:
//
//	question ─► sight ─► lease ─► tokens ─► clauses ─► prepared speech ─(floor)─► playout ─► trace
//
// In: a [Question], where it looks ([Target]), and what the persona answers with ([Deps]). Out:
// [Report] values, through a sink, the last of which is [Done] with the [Trace].
//
// Speech is prepared, some 10 s of it at most, without being audible: [Ready] says that some is
// there, and nothing is played before [Reply.GiveFloor]. Whoever gives the floor decides who is
// heard.
//
//	replies.go  the replies of a persona, one after another
//	reply.go    the scope of one: looking, thinking, speaking
//	admit.go    what it is made from, and its lease
//	look.go     where a question looks, and the wait for a picture
//	speak.go    prepared speech, and how it becomes audible
//	finish.go   the end after the clause that is heard
//	report.go   what is reported
//	trace.go    when each stage happened
//
// The package knows no SDK and no room.
package reply
