package whisper

// FixFrames makes the model believe that its encoder declares a number of frames.
func (m *Model) FixFrames(frames int) { m.frames = frames }

// HintOf returns the tokens that tell names.
func (v *Vocabulary) HintOf(names []string) []int { return v.hint(names) }

// Says tells whether a text holds a name.
func Says(text string, names []string) bool { return says(text, names) }
