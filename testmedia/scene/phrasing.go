package scene

var (
	pictureWords = []string{"picture", "picture", "image", "image", "video", "frame", "scene", "photo"}
	fillers      = []string{"please", "okay", "so", "hey", "now", "um", "uh", "well", "and", "hello", "hi"}
	callNames    = []string{"Ada", "Joe", "Alice", "Bob", "Max", "Iris", "Luna", "Robin", "Sam", "Assistant", "Helper"}
)

// The ways to put each kind of question, in lower case and without a final mark.
var (
	describeForms = []string{
		"what <see>", "what <see><in>", "what <see> now", "what <see> here", "what <see> on the screen", "what <see> in front of you",
		"what <see> right now", "tell me what you see", "tell me what you can see", "describe the <pic>", "describe this <pic>",
		"describe what you see", "please describe the <pic>", "can you describe the <pic>", "<what's> in the <pic>", "<what's> in this <pic>",
		"<what's> on the screen", "<what's> this", "<what's> shown in the <pic>", "<what's> in front of the camera", "what am i showing you",
		"what am i holding", "what does the <pic> show", "look at the <pic> what do you see", "tell me about the <pic>",
		"what objects <see>", "what things <see>", "what object is this", "what object <see>", "which object is in the <pic>",
		"what can you tell me about the <pic>", "can you see this", "what <see> in my video", "what are you looking at",
		"tell me what is in the <pic>", "what is on the <pic>", "what are you seeing",
	}
	describeManyForms = []string{
		"what colors <see>", "which colors <see>", "what colors are in the <pic>", "what colors are there", "name the colors<in>",
		"tell me the colors", "what four colors <see>", "which colors are in the <pic>",
	}
	plainForms = []string{
		"what <color> <see>", "what <color> do you see<in>", "what <color> is this", "what <color> is the <pic>", "which <color> <see>",
		"what <color> is it", "what is the <color> of the <pic>", "which <color> is the <pic>", "what <color> is shown", "tell me the <color>",
		"what <color> am i showing you", "what <color> is on the screen", "which <color> is this", "<what's> the <color>",
		"what <color> is the screen", "what colors <see>",
	}
	backgroundForms = []string{
		"what <color> is the background", "what <color> is the background", "<what's> the <color> of the background", "which <color> is the background",
		"what <color> is behind it", "what is the background <color>", "tell me the <color> of the background", "the background is what <color>",
		"what <color> does the background have", "what <color> is the background of the <pic>",
	}
	numberForms = []string{
		"what number <see>", "what number <see><in>", "which number <see>", "what number is shown", "<what's> the number", "which number is written",
		"what number is written", "read the number", "please read the number", "what number is in the <pic>", "can you read the number",
		"what number is this", "which number is this", "tell me the number", "what number is on the screen", "what does it say",
		"<what's> written", "read the text", "what does the text say", "what text <see>", "<what's> written in the <pic>",
		"can you read this", "what does the sign say", "what numbers <see>", "which digits <see>", "what number am i showing you",
	}
	numberColourForms = []string{
		"what <color> is the number", "what <color> is the text", "what <color> are the digits", "<what's> the <color> of the number",
		"which <color> is the number", "tell me the <color> of the number", "what <color> does the number have",
	}
	noTextForms = []string{
		"what number is shown", "what number <see>", "what does it say", "read the text", "what text <see>", "<what's> written",
		"read the number", "is there any text", "which number <see>", "is there a number<in>", "what number is in the <pic>",
	}
	colourForms = []string{
		"what <color> is the <x>", "what <color> is the <x>", "what <color> is the <x><in>", "<what's> the <color> of the <x>", "which <color> is the <x>",
		"tell me the <color> of the <x>", "the <x> is what <color>", "what <color> does the <x> have", "what <color> is that <x>",
		"which <color> does the <x> have", "tell me what <color> the <x> is", "what is the <x>'s <color>", "do you see what <color> the <x> is",
	}
	onlyColourForms = []string{"what <color> is it", "what <color> is the object", "what <color> is this", "<what's> the <color> of the object", "what <color> is the shape"}
	whereForms      = []string{
		"where <is> the <x>", "where <is> the <x>", "where <is> the <x>", "where <is> the <x><in>", "where <see> the <x>",
		"in which place <is> the <x>", "<what's> the position of the <x>", "tell me where the <x> <is>", "find the <x>",
		"where can i find the <x>", "which part of the <pic> <is> the <x> in", "where exactly <is> the <x>", "the <x> <is> where",
		"can you find the <x>", "in which corner <is> the <x>", "on which side <is> the <x>",
	}
	atForms = []string{
		"<what's> <at> the <x>", "<what's> <at> the <x>", "<what's> <at> the <x> of the <pic>", "what <see> <at> the <x>", "what object is <at> the <x>",
		"which object is <at> the <x>", "what thing is <at> the <x>", "tell me what is <at> the <x>", "what can you see <at> the <x>",
		"what <see> <at> the <x> of the <pic>", "<at> the <x>, what <see>", "what is there <at> the <x>",
	}
	quadrantForms = []string{
		"what <color> is <at> the <x>", "what <color> is <at> the <x>", "<what's> <at> the <x>", "which <color> is <at> the <x>", "what <color> <see> <at> the <x>",
		"what <color> is the <x>", "which <color> is the <x>", "<what's> the <color> <at> the <x>", "what <color> is <at> the <x> of the <pic>",
		"tell me the <color> <at> the <x>", "what <see> <at> the <x>", "<what's> the <color> of the <x>",
	}
	countForms = []string{
		"how many <x> are there", "how many <x> are there", "how many <x> <see>", "how many <x> <see>", "how many <x> are in the <pic>",
		"how many <x> are there<in>", "count the <x>", "can you count the <x>", "how many <x> are on the screen", "tell me how many <x> there are",
		"how many <x> are shown", "please count the <x>",
	}
	changeForms = []string{
		"what changed", "what changed", "what has changed", "what changed<in>", "what just changed", "what changed just now",
		"what is different", "what is different now", "what's different now", "what happened", "what just happened",
		"tell me what changed", "tell me what is different", "do you see what changed", "can you see what changed", "what did i change",
		"what changed in front of the camera", "what is different from before", "did you see what happened", "what changed since then",
	}
	heldUpForms = []string{
		"what did i just hold up", "what did i just hold up", "what did i hold up", "what did i just show you", "what did i show you",
		"what was i holding", "what was i just holding", "what was i showing you", "what did i hold up to the camera",
		"tell me what i just held up", "what did i hold in front of the camera", "did you see what i held up", "what did i just hold",
	}
	isThereForms = []string{
		"<is> there <x>", "<is> there <x>", "<is> there <x><in>", "<see> <x>", "<see> <x>", "<see> <x><in>", "<is> there <x> here",
		"does the <pic> show <x>", "<is> there <x> on the screen", "can you spot <x>", "do you notice <x>", "does the <pic> have <x>",
	}
)

// chats are questions that need no picture, each with its answer.
var chats = []struct {
	forms    []string
	answer   string
	keywords []string
}{
	{[]string{"hello", "hi", "hey there", "good morning", "hello there", "good afternoon", "hi there"}, "Hello! How can I help you?", []string{"hello"}},
	{[]string{"who are you", "what are you", "what is your name", "what's your name"}, "I am a small vision assistant.", []string{"assistant"}},
	{[]string{"thank you", "thanks", "thank you very much", "thanks a lot"}, "You are welcome.", []string{"welcome"}},
	{[]string{"can you hear me", "do you hear me", "are you there", "can you hear me now"}, "Yes, I can hear you.", []string{"hear"}},
	{[]string{"what can you do", "help", "how can you help me", "what can i ask you"}, "I can describe the image and answer questions about it.", []string{"describe"}},
	{[]string{"goodbye", "bye", "see you later", "bye bye"}, "Goodbye!", []string{"goodbye"}},
}
