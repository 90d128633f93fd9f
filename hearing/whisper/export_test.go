package whisper

// FixFrames makes the model believe that its encoder declares a number of frames.
func (m *Model) FixFrames(frames int) { m.frames = frames }
