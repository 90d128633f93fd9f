package sounds

// Babble is many people talking at once: none of them can be made out. speech is what they say,
// voices how many there are.
func Babble(seed uint64, seconds, dbfs float64, speech [][]float32, voices int) []float32 {
	r := newRandom(seed)
	pcm := make([]float32, samples(seconds))
	for range voices {
		gain := r.between(0.6, 1)
		for at := r.between(-3, 0); at < seconds; {
			said := speech[r.IntN(len(speech))]
			mix(pcm, samples(at), said, gain)
			at += float64(len(said))/Rate + r.between(0, 0.4)
		}
	}
	return Level(r.room(pcm, 1, 0.8), dbfs)
}

// Television is one after another talking behind a wall, over some music: what is above cut, in
// hertz, does not come through.
func Television(seed uint64, seconds, dbfs, cut float64, speech [][]float32) []float32 {
	r := newRandom(seed)
	pcm := make([]float32, samples(seconds))
	for at := 0.0; at < seconds; {
		said := speech[r.IntN(len(speech))]
		mix(pcm, samples(at), said, 1)
		at += float64(len(said))/Rate + r.between(0.1, 1.2)
	}
	mix(pcm, 0, Level(music(r, seconds), -40), r.between(0, 1))
	pcm = r.room(pcm, 0.9, 1)
	return Level(lowpass(cut).run(lowpass(cut).run(pcm)), dbfs)
}
