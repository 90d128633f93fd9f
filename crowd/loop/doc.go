// Package loop measures the whole way of a question: from the end of a human's speech to the first
// packet of the answer, stage by stage.
//
// In: models and how many questions ([Config]). A server, a persona and a human share this process
// and its machine; each turn shows a drawn scene as live video and asks about it. Out: a [Result],
// for machines and as text. [Run] returns when everything that it started has ended.
package loop
