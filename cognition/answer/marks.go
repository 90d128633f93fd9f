package answer

// markKind is what a mark does.
type markKind int

const (
	markToken   markKind = iota + 1 // of a chat template: it has no text
	markThought                     // what follows, up to its closing mark, is a thought
	markTool                        // what follows, up to its closing mark, is a tool call or a tool's result
	markClose                       // closes a thought that was opened in the prompt, or not at all
	markHeader                      // the name of a speaker follows
	markChannel                     // the name of a channel follows: the format of gpt-oss
	markHidden                      // what follows is somebody else's turn
	markShown                       // what follows is the model's turn
	markAnswer                      // frames the answer behind a thought
)

// mark is a mark with what closes it.
type mark struct {
	kind  markKind
	close []string // lower case; none: it lasts to the end of the answer
}

// pair is an opening and a closing mark.
type pair struct{ open, close string }

// thoughtMarks lists how published models frame their thoughts. Where each comes from is the
// model's own chat template or card.
func thoughtMarks() []pair {
	return []pair{
		{"<think>", "</think>"},         // DeepSeek R1, Qwen 3, QwQ, SmolLM3, GLM 4.5, Phi 4 reasoning, MiniMax
		{"<thinking>", "</thinking>"},   // prompts in the manner of Claude; Nemotron, many fine-tunes
		{"<thought>", "</thought>"},     // EXAONE Deep, Gemini's own words
		{"<thoughts>", "</thoughts>"},   //
		{"<reasoning>", "</reasoning>"}, // fine-tunes with GRPO, after their usual system prompt
		{"<reason>", "</reason>"},       //
		{"<reflection>", "</reflection>"},
		{"<scratchpad>", "</scratchpad>"},
		{"<seed:think>", "</seed:think>"},              // Seed-OSS
		{"[think]", "[/think]"},                        // Magistral
		{"◁think▷", "◁/think▷"},                        // Kimi-VL thinking
		{"<|think|>", "<|/think|>"},                    //
		{"<|thinking|>", "<|/thinking|>"},              //
		{"<|channel>thought", "<channel|>"},            // Gemma 4
		{"<|begin_of_thought|>", "<|end_of_thought|>"}, // OpenThinker, Sky-T1
		{"<|start_thinking|>", "<|end_thinking|>"},     // Command A reasoning
		{"<unused94>", "<unused95>"},                   // MedGemma
	}
}

// toolMarks lists how published models write tool calls into their text. An empty end lasts to the
// end of the answer.
func toolMarks() []pair {
	return []pair{
		{"<tool_call>", "</tool_call>"},         // Qwen, Hermes, GLM
		{"<tool_response>", "</tool_response>"}, // the same templates
		{"<function_call>", "</function_call>"}, //
		{"<|tool_call|>", "<|/tool_call|>"},     // Phi 4 mini, Granite
		{"<|tool_call>", "<tool_call|>"},        // Gemma 4
		{"<|tool_call_start|>", "<|tool_call_end|>"},
		{"<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"}, // Kimi K2
		{"<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"},                 // DeepSeek V3
		{"<|start_action|>", "<|end_action|>"},                         // Command A
		{"[tool_calls]", ""},                                           // Mistral
		{"<|python_tag|>", ""},                                         // Llama 3
	}
}

// tokens lists end marks and the like that have not the shape <|name|>, which needs no list.
func tokens() []string {
	return []string{
		"</s>", "<s>", "<bos>", "<eos>", "<pad>", "<unk>", "[eos]", "[bos]",
		"<end_of_turn>", "<turn|>", "<channel|>", "<eot>", "<eod>", "<eom>", "<end_of_utterance>", "<end_of_text>", "<endoftext>",
		"<<sys>>", "<</sys>>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<start_of_image>", "<end_of_image>",
	}
}

// headers lists marks behind which the name of a speaker stands; the header ends with a line, or
// with one of headerEnds.
func headers() []string {
	return []string{
		"<|im_start|>", "<start_of_turn>", "<|turn>", "<|start|>", "<|start_header_id|>", "<|start_of_role|>", "<|header_start|>", "<|role_start|>",
		"<|im_assistant|>", "<|im_user|>", "<|im_system|>",
	}
}

func headerEnds() []string {
	return []string{"<|end_header_id|>", "<|end_of_role|>", "<|header_end|>", "<|im_middle|>", "<|role_end|>", "<|im_sep|>", "<|message|>", "\n"}
}

// channelMark and the marks that end a message of the gpt-oss format. The last two begin the next
// message: they are not part of this one.
const (
	channelMark = "<|channel|>"
	messageMark = "<|message|>"
)

func messageEnds() []string {
	return []string{"<|end|>", "<|return|>", "<|call|>", "<|start|>", channelMark}
}

// nextMessage tells whether an end of a message begins the next one.
func nextMessage(end string) bool { return end == "<|start|>" || end == channelMark }

// hiddenSpeakers and shownSpeakers are templates whose marks are the speakers themselves.
func hiddenSpeakers() []string {
	return []string{"<|user|>", "<|system|>", "<|observation|>", "<|developer|>", "<|tool|>", "<｜user｜>", "[inst]", "<|user_token|>", "<|system_token|>"}
}

func shownSpeakers() []string {
	return []string{"<|assistant|>", "<｜assistant｜>", "[/inst]", "<|chatbot_token|>", "<|model|>"}
}

// foreign tells whether a name in a header is somebody else's.
func foreign(name string) bool {
	switch name {
	case "user", "system", "tool", "human", "developer", "function", "observation", "ipython", "environment":
		return true
	}
	return false
}
