// Package remote asks models that a server runs: vLLM, llama.cpp, Ollama, a hosted service,
// anything that speaks the OpenAI-compatible chat completions over HTTP.
//
// In: a [Config] (one provider: where it is, whose key, how many calls at once, how long each step
// may take) and, per [Request], messages with pictures. Out: pieces of text as the server streams
// them, and a prompt.Result, or one [*Error] that names provider, address and what to do next.
//
// A call is one attempt: nothing is tried again, nothing stands in for a provider that fails. An
// answer counts only when the server has said why it ended (finish_reason); a stream that stops
// before that is an error, however plausible its text looks. What comes behind the finish_reason,
// counts of tokens and the end mark, may be missing. Fields beside the text are read as far as they
// can be: none of them costs an answer. An answer without text is an error that says why (package
// answer).
//
// # Ownership and goroutines
//
// A [Client] is one provider and is used from any number of goroutines; it holds the places that
// limit how many calls are under way. emit is called on the goroutine of [Client.Chat]. Cancelling
// the context closes the connection, which is how a server learns that nobody listens any more. The
// package starts no goroutine beyond those of net/http, and those end with [Client.Close].
//
// # Secrets
//
// A key comes from an environment variable or a file named by the configuration, and so may the
// values of further headers and of the query. They are sent where they belong and nowhere else: no
// error, no String method and no log line holds them, and where a server quotes them, they are
// taken out. Addresses hold no secrets because an address with user information or a query is
// refused. Redirections are not followed.
//
// # Why the standard library
//
// The kept Go clients, github.com/openai/openai-go and github.com/sashabaranov/go-openai, end a
// stream in the same way whether the answer was finished or the connection was closed early, so a
// cut answer looks whole; they have one timeout for a request where four are needed (connect, first
// token, between tokens, whole answer); the first repeats requests by itself unless told otherwise,
// takes events of up to 32 MiB and brings the SDKs of two clouds, the second reads lines without a
// limit. What is left after working around that are a few JSON fields, so this package reads the
// stream itself, strictly and within limits.
package remote
