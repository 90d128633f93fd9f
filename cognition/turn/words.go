package turn

import "strings"

// Words that tell a call from a mention. They are English, as the ears are; nothing else in the
// package knows a language but this file, everybody.go and package interrupt.

// plain is a word as it is spelled in full, without its 's: people type less than they say.
func plain(word string) string {
	switch word {
	case "u":
		return "you"
	case "ur":
		return "your"
	case "r":
		return "are"
	case "pls", "plz":
		return "please"
	case "thx", "ty":
		return "thanks"
	case "whats", "hows", "wheres", "whens", "whos", "thats", "lets":
		return strings.TrimSuffix(word, "s")
	case "cant", "dont", "wont", "didnt", "doesnt", "isnt", "arent", "wasnt", "couldnt", "wouldnt", "shouldnt", "hasnt", "havent":
		return strings.TrimSuffix(word, "t") + "'t"
	}
	return word
}

// common tells whether a word is one that everybody says all the time, and so no misheard name.
func common(word string) bool {
	switch word {
	case "what", "when", "where", "who", "why", "how", "which", "this", "that", "these", "those", "there", "here", "then",
		"than", "with", "have", "has", "had", "will", "would", "could", "should", "can", "does", "did", "do", "is", "are",
		"was", "were", "the", "its", "you", "your", "they", "them", "she", "her", "him", "his", "our", "ours", "yes", "yeah",
		"okay", "please", "thanks", "thank", "also", "only", "any", "many", "very", "just", "like", "about", "and", "but",
		"not", "nor", "for", "from", "into", "out", "now", "one", "two", "all", "both", "each", "every", "some", "more",
		"most", "much", "well", "right", "sure", "good", "great", "nice", "look", "tell", "make", "take", "give", "come":
		return true
	}
	return false
}

// opens tells whether a word may stand before a name that begins a sentence.
func opens(word string) bool {
	switch word {
	case "so", "well", "and", "but", "or", "yes", "yeah", "no", "oh", "ah", "um", "uh", "er", "please", "thanks", "thank",
		"you", "sorry", "excuse", "me", "good", "morning", "evening", "night", "afternoon", "dear", "now", "then", "right", "alright",
		"sure", "listen", "look", "actually", "maybe", "welcome", "bye", "goodbye", "cool", "great", "nice", "all", "mr", "mrs", "ms", "dr":
		return true
	}
	return greets(word)
}

// greets tells whether whoever is named behind a word is called.
func greets(word string) bool {
	switch word {
	case "hey", "hi", "hello", "ok", "okay", "yo", "hallo", "hiya", "heya", "howdy", "gm", "gn", "congratulations", "congrats", "cheers":
		return true
	}
	return false
}

// reports tells whether a word behind a name says what its bearer does: a verb in the third person
// or the past.
func reports(word string) bool {
	switch word {
	case "thought", "told", "knew", "meant", "went", "came", "got", "saw", "made", "took", "gave", "left", "said", "let", "kept",
		"spoke", "heard", "found", "lost", "won", "ran", "fell", "felt", "sang", "wrote", "slept", "ate", "became", "began",
		"blew", "bought", "broke", "brought", "built", "caught", "chose", "dealt", "drank", "drew", "drove", "flew", "forgot",
		"fought", "froze", "grew", "held", "hid", "hung", "led", "lent", "met", "misheard", "overheard", "paid", "rang", "rode",
		"rose", "sank", "sat", "sent", "shone", "shook", "shot", "sold", "spent", "stole", "stood", "stuck", "swam", "swore",
		"taught", "threw", "tore", "understood", "woke", "wore", "agreed", "disagreed":
		return true
	case "yes", "as", "its", "thanks", "plus", "was", "has", "does", "perhaps", "besides", "need", "feed", "red", "speed", "read",
		"indeed", "proceed", "embed":
		return false
	}
	for _, noVerb := range [...]string{"ss", "us", "is"} { // passes, focuses; this, his
		if strings.HasSuffix(word, noVerb) {
			return false
		}
	}
	return strings.HasSuffix(word, "s") || strings.HasSuffix(word, "ed")
}

// past tells whether a word is a verb in the past.
func past(word string) bool { return reports(word) && !strings.HasSuffix(word, "s") }

// adverb tells whether a word may stand between a name and its verb.
func adverb(word string) bool {
	switch word {
	case "never", "always", "often", "usually", "just", "also", "already", "still", "really", "probably", "sometimes", "only", "even":
		return true
	}
	return false
}

// places tells whether a word begins what says more about whoever is named before it, as in "Max on
// the other hand".
func places(word string) bool {
	switch word {
	case "on", "in", "at", "with", "from", "by", "of", "under", "over", "behind", "beside", "without", "like", "next", "across":
		return true
	}
	return false
}

// auxiliary tells whether a word may follow somebody's name as a verb, or begin a question to them.
func auxiliary(word string) bool {
	switch word {
	case "is", "was", "has", "had", "does", "did", "will", "would", "can", "could", "should", "may", "might", "must",
		"isn't", "wasn't", "hasn't", "doesn't", "didn't", "won't", "wouldn't", "can't", "couldn't", "shouldn't":
		return true
	}
	return false
}

// plural tells whether a word may follow several names as a verb.
func plural(word string) bool {
	switch word {
	case "are", "were", "have", "do", "aren't", "weren't", "haven't", "don't":
		return true
	}
	return false
}

// pronoun tells whether a word may follow the verb of a question.
func pronoun(word string) bool {
	switch word {
	case "you", "it", "this", "that", "there", "i", "we", "he", "she", "they", "these", "those", "anybody", "anyone",
		"somebody", "someone", "everything", "anything", "something":
		return true
	}
	return false
}

// takes tells whether a name behind a word is spoken of.
func takes(word string) bool {
	switch word {
	case "to", "of", "about", "with", "for", "from", "by", "than", "like", "at", "on", "in", "without", "against", "and", "or",
		"is", "was", "are", "were", "be", "been", "isn't", "wasn't", "not", "the", "a", "an", "my", "your", "our", "this's",
		"ask", "asked", "tell", "told", "see", "saw", "seen", "hear", "heard", "know", "knew", "love", "like's", "hate", "met",
		"meet", "meant", "mean", "call", "called", "help", "want", "need", "named", "did", "does", "has", "had", "can", "will",
		"would", "should", "could", "let", "make", "made", "give", "gave", "show", "trust", "mute", "remember", "asking", "telling",
		"calling", "hearing", "seeing", "meeting", "using", "muting", "helping", "use", "get", "find", "take", "keep", "wake", "check",
		"forget", "ignore", "off", "old", "poor", "little", "other", "new", "same", "own":
		return true
	}
	return past(word)
}

// judges tells whether a word says how something is, so that no name can belong to it: "that's not
// funny Max".
func judges(word string) bool {
	switch word {
	case "funny", "right", "wrong", "true", "great", "good", "enough", "nice", "fine", "correct", "bad", "cool", "awesome",
		"amazing", "interesting", "done", "sure", "ready", "sorry", "late", "welcome", "rude", "stupid", "brilliant", "excellent":
		return true
	}
	return false
}

// closes tells whether nothing that belongs to a word can follow it, so that a name behind it is a
// call: "not yet Max".
func closes(word string) bool {
	switch word {
	case "it", "me", "us", "him", "them", "yet", "again", "too", "here", "there", "though", "already", "moment", "second", "minute", "out", "please",
		"back", "home", "away", "soon", "later", "tomorrow", "tonight", "anymore", "anyway", "instead", "together", "alone", "bit", "idea":
		return true
	}
	return judges(word)
}

// names tells whether a word gives a name: "they call me Otto".
func names(word string) bool {
	switch word {
	case "call", "calls", "called", "name", "names", "named":
		return true
	}
	return false
}

// alone tells whether a verb needs no object, so that a name behind it is a call: "can you sing
// Otto".
func alone(word string) bool {
	switch word {
	case "sing", "dance", "go", "come", "help", "wait", "stop", "continue", "start", "begin", "talk", "speak", "think", "see", "hear",
		"listen", "play", "explain", "repeat", "elaborate", "say", "know", "agree", "read", "count", "guess", "sleep", "dream", "stay", "hurry":
		return true
	}
	return false
}

// offers tells whether a word begins a question or a proposal whose verb may be followed by its
// object: "could you describe Max".
func offers(word string) bool {
	switch word {
	case "can", "could", "would", "will", "should", "shall", "let":
		return true
	}
	return false
}

// trails tells whether a word may stand behind a name that ends a sentence.
func trails(word string) bool {
	switch word {
	case "please", "then", "now", "too", "thanks", "right", "again", "ok", "okay", "though", "there", "today":
		return true
	}
	return manner(word)
}

// demands tells whether a sentence that begins with a word is said to somebody.
func demands(word string) bool {
	switch word {
	case "what", "when", "where", "who", "why", "how", "which", "whose", "can", "could", "would", "will", "do", "does", "did",
		"is", "are", "was", "were", "have", "has", "should", "shall", "may", "please", "thanks", "thank", "good", "hey", "hi",
		"hello", "ok", "okay", "bye", "goodbye", "sorry", "your", "you", "you're", "over", "quiet", "again", "excuse", "don't",
		"never", "welcome", "great", "nice", "bad", "excellent", "amazing", "awesome", "brilliant", "better":
		return true
	}
	return commands(word)
}

// commands tells whether a word is a verb that people tell somebody to do.
func commands(word string) bool {
	switch word {
	case "tell", "describe", "show", "look", "listen", "stop", "wait", "go", "come", "give", "help", "explain", "say", "repeat",
		"read", "count", "sing", "play", "let", "continue", "name", "choose", "pick", "find", "guess", "answer", "translate", "write",
		"try", "shut", "be", "hang", "hold", "relax", "calm", "slow", "speak", "keep", "leave", "check", "turn", "open", "close",
		"start", "finish", "move", "put", "get", "take", "make", "think", "remember", "forget", "ignore", "hurry", "set", "add",
		"remove", "delete", "cancel", "send", "schedule", "book", "order", "buy", "switch", "unmute", "pause", "resume", "skip",
		"restart", "search", "draw", "spell", "define", "compare", "convert", "calculate", "summarise", "summarize", "list", "save",
		"record", "note", "remind", "text", "print", "zoom", "roll", "throw", "pretend", "imagine", "suppose", "bring", "introduce":
		return true
	}
	return false
}

// asksPerson tells whether a sentence goes on so behind the name of a person who is called without
// a comma. It is narrow: many people are called like a word.
func asksPerson(word string) bool {
	switch word {
	case "what", "what's", "how", "why", "where", "when", "who", "please", "look", "tell", "listen":
		return true
	}
	return false
}

// asksWith tells the same of a word that a pronoun follows: "bob can you".
func asksWith(word string) bool {
	switch word {
	case "can", "could", "do", "did", "are", "have", "were":
		return true
	}
	return false
}
