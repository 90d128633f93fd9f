package answer_test

import "strings"

// unchanged is text that people may write: nothing of it is a mark.
func unchanged() []string {
	return []string{
		"a < b and c > d", "I <3 you", "i <- 3", "x <= y", "f :: a <|> b", "a <| b |> c", "vector<int> v; map<string, vector<int>> m;",
		"Use <b>bold</b>, <i>italics</i> and <a href=\"x\">links</a>.", "A list [1, 2, 3] and an index a[i].", "[a link](http://example.org)",
		"Write `<think>` and `</think>` around it.", "In code:\n```xml\n<think>\nbecause\n</think>\n```\nThat is all.",
		"The mark \"<think>\" opens it and \"</think>\" closes it.", "Say `<|im_end|>` at the end.", "```\n<|im_end|>\n```", "it`s a slip\nand more",
		"1 < 2 `code with ``two`` in it` < 3", "````\n```\n<think>\n```\n````\nend", "<", "<|", "<|a", "[", "[/", "◁", "`", "``", "<thin", "</thin", "a <",
		"Wrap it in <thinking> tags.", "thinking about it", "final answer: 3", "assistant professor", "<|two words|>", "<||>", "<answer>42</answer>",
		"été, 日本語, 🙂‍↔️ < ok", "<user@example.org>", "<https://example.org>", "first line\n\n  indented\tline", "commentary to=nobody",
		"<unused> variable", "<s", "<start", "[TOOL", "[INS",
	}
}

// marked is what a model writes and what people are to see of it.
type marked struct {
	text, want    string
	thought, tool bool
}

func markedTexts() []marked {
	list := []marked{
		{"<think>Hidden thought. </think>Spoken answer.", "Spoken answer.", true, false},
		{"\n<Think>\nHidden\n</THINK>\n\nSpoken.", "Spoken.", true, false},
		{"<think></think>\n\nSpoken.", "Spoken.", true, false},
		{"<think>never closed", "", true, false},
		{"<think>one</think>A. <think>two</think>B.", "A. B.", true, false},
		{"One.<think>x</think>Two.", "One. Two.", true, false},
		{"One. <think>x</think> Two.", "One. Two.", true, false},
		{"One.\n<think>x</think>\n\nTwo.", "One.\nTwo.", true, false},
		{"Hello <think>hm</think> there", "Hello there", true, false},
		{"Hello <think>hm</think>there", "Hello there", true, false},
		{"<think>I may say <think> again</think>Yes.", "Yes.", true, false},
		{"<think>a < b, </thin k> </thinking></think>Yes.", "Yes.", true, false},
		{"<think>`code</think>Yes, `<think>` is it.", "Yes, `<think>` is it.", true, false},
		{"<think>x</think><answer>42</answer>", "42", true, false},
		{"<think>x</think>\n<answer>\n42\n</answer>\n", "42", true, false},
		{"<|channel|>analysis<|message|>Hidden.<|end|><|start|>assistant<|channel|>final<|message|>Paris.<|return|>", "Paris.", true, false},
		{"<|start|>assistant<|channel|>analysis<|message|>H<|channel|>final <|constrain|>json<|message|>Paris.", "Paris.", true, false},
		{"<|channel|>commentary<|message|>One moment.<|end|><|start|>assistant<|channel|>final<|message|>Paris.", "One moment. Paris.", false, false},
		{"<|channel|>commentary to=functions.look<|message|>{\"a\":1}<|call|>", "", false, true},
		{"<|channel|>final<|message|>Paris.", "Paris.", false, false},
		{"Paris.<|im_end|>", "Paris.", false, false},
		{"Paris.<|IM_END|>\n", "Paris.", false, false},
		{"Paris.</s>", "Paris.", false, false},
		{"<s>Paris.</s></s>", "Paris.", false, false},
		{"Par<|x|>is", "Paris", false, false},
		{"Paris <|x|> is", "Paris is", false, false},
		{"<start_of_turn>model\nParis.<end_of_turn>", "Paris.", false, false},
		{"<|start_header_id|>assistant<|end_header_id|>\n\nParis.<|eot_id|>", "Paris.", false, false},
		{"<|im_start|>assistant\nParis.<|im_end|>\n<|im_start|>user\nAnd Rome?<|im_end|>\n<|im_start|>assistant\nToo.", "Paris.\nToo.", false, false},
		{"<|im_start|>Paris is far away", "Paris is far away", false, false},
		{"<|im_start|>assistant Paris is far away from " + strings.Repeat("here ", 60) + "<|im_end|>", "Paris is far away from " + strings.TrimSpace(strings.Repeat("here ", 60)), false, false},
		{"<|im_start|>assistant", "", false, false},
		{"Paris.<|user|>\nAnd Rome?<|assistant|>\nToo.", "Paris.\nToo.", false, false},
		{"Paris.[INST] And Rome? [/INST] Too.", "Paris. Too.", false, false},
		{"<｜Assistant｜>Paris.<｜end▁of▁sentence｜>", "Paris.", false, false},
		{"`code <|im_end|>", "`code", false, false},
		{"It`s Paris.<|im_end|>\n<|eot_id|>", "It`s Paris.", false, false},
		{"<special>Paris.<special>", "Paris.", false, false},
		{"<tool_call>\n{\"name\": \"look\"}\n</tool_call>", "", false, true},
		{"I look.\n<tool_call>{}</tool_call>", "I look.", false, true},
		{"[TOOL_CALLS][{\"name\": \"look\"}]", "", false, true},
		{"<|python_tag|>look()", "", false, true},
		{"<think>x</think><tool_call>{}", "", true, true},
	}
	for _, p := range [][2]string{
		{"<thinking>", "</thinking>"},
		{"<thought>", "</thought>"},
		{"<reasoning>", "</reasoning>"},
		{"<seed:think>", "</seed:think>"},
		{"[THINK]", "[/THINK]"},
		{"◁think▷", "◁/think▷"},
		{"<|begin_of_thought|>", "<|end_of_thought|>"},
		{"<|START_THINKING|>", "<|END_THINKING|>"},
		{"<unused94>thought\n", "<unused95>"},
		{"<|channel>thought\n", "<channel|>"},
	} {
		list = append(list, marked{p[0] + "Hidden, a < b." + p[1] + "\nSpoken.", "Spoken.", true, false})
	}
	return list
}
