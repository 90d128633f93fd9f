package scene

// Reliable says whether the calibration model's answers to questions of this kind about pictures of this kind reached
// their goal in the evaluation of models/calibration/README.md. Demonstration and acceptance ask nothing else.
func Reliable(picture Kind, question QuestionKind) bool {
	if question == AskDescribe {
		return reliableDescriptions[picture]
	}
	return reliableQuestions[question]
}

// ReliableQA returns the canonical questions about the scene whose answers can be relied on.
func (s *Scene) ReliableQA() []QA {
	var all []QA
	for _, qa := range s.QA {
		if Reliable(s.Kind, qa.Kind) {
			all = append(all, qa)
		}
	}
	return all
}

var reliableDescriptions = map[Kind]bool{
	KindQuadrants: true, KindPlain: true,
}

var reliableQuestions = map[QuestionKind]bool{
	AskAt: true, AskQuadrant: true, AskPlain: true, AskBackground: true, AskNoImage: true, AskChat: true,
}
