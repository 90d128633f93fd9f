// Package config reads the configuration file of the program.
//
// In: one YAML document. Out: a Config with what the file says, each value with its line, and
// nothing that it does not say: defaults belong to whoever uses a value. Command line flags win
// over the file, the file wins over defaults.
//
// The reader is strict. An unknown or repeated key, a value of another type, a negative number, an
// unknown silicon or word: each is a *FieldError that names file, line and field. Anchors, aliases
// and tags are refused, since they let a small text grow without bound; a text that is deeper or
// longer than anybody writes is refused before it is parsed (internal/yamlguard). Secrets have no
// place in the file: they come from the environment, from files of their own, or from flags.
//
//	log:      {level: info, format: json}
//	join:     {profile: embedded, voice: "piper:en_US-joe-medium", listen: "127.0.0.1:8081"}
//	bot:      {speaker: "flite:slt", codec: vp8}
//	store:    {path: /var/lib/sensory-agent/transcripts.db, retain_days: 30}
//	answer:   {tokens: 96}                              # of one answer at most
//	limits:   {chat_bytes: 16KiB, chats_per_minute: 20} # of what a participant may send: agent/limits
//	models: {idle: 5m, bytes: 4GiB, device_bytes: 16GiB}
//	serve:    {listen: "127.0.0.1:8081"}
//	budgets:
//	  - {silicon: CPU, units: 4000}                     # the rest stays as derived from the machine
//	  - {silicon: CLOUD, provider: example, slots: 4, units: 4}
//	personas:                                           # what a persona is: agent/persona
//	  - name: iris
//	    profile: text
//	    voice: "piper:en_US-joe-medium"
//	    prompt: You are Iris, a botanist. Answer in one sentence.     # or prompt_file: iris.txt
//	    aliases: [irish, eyeris]
//	    answer: {tokens: 96}
//	    history: room                                   # room, off or stored
//	rooms:
//	  - name: lobby
//	    personas: [iris]
//	    mode: auto                                      # auto, front, mentions, all or specialty
//	    policy_file: calm.yaml                          # how its conversation goes: PolicyKeys
//	    policy: {hops: 0, floor: {gap: 400ms}}          # over what policy_file says
//	worker:                                             # who comes where dispatches ask for a name
//	  agents: [{name: pair, personas: [iris]}]          # the keys of a room
//	  seats: 16
//
// Every mistake of a file is named, not only the first. The package reads nothing but the file that
// it is given, and the prompts and policies that it names, and starts no goroutine.
package config
