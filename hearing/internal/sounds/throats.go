package sounds

import "math"

// laughter is one to three people: a row of voiced puffs whose pitch falls.
func laughter(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for range 1 + r.IntN(3) {
		base, rate, shape := r.between(160, 420), r.between(4, 6.5), vowels[r.IntN(len(vowels))]
		for at := r.between(0, 0.3); at < seconds; {
			puffs := 3 + r.IntN(8)
			for k := range puffs {
				pitch := base * (1.3 - 0.5*float64(k)/float64(puffs))
				puff := r.voice(0.6/rate, shape, 0.5, func(x float64) float64 { return pitch * (1.1 - 0.2*x) }, arch)
				mix(pcm, samples(at), r.burst(0.3/rate, 0.05, bandpass(shape[1], 1)), 0.15)
				mix(pcm, samples(at+0.25/rate), puff, 1-0.6*float64(k)/float64(puffs))
				at += 1 / rate * r.between(0.9, 1.1)
			}
			at += r.between(0.3, 1)
		}
	}
	return r.room(pcm, 0.4, 0.4)
}

// breathing is in and out, close to a microphone.
func breathing(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for at := 0.2; at < seconds; {
		for _, tone := range []float64{r.between(900, 1600), r.between(400, 900)} {
			length := r.between(0.7, 1.6)
			air := bandpass(tone, 0.7).run(r.white(samples(length)))
			for i := range air {
				air[i] *= float32(arch(float64(i) / float64(len(air))))
			}
			mix(pcm, samples(at), air, 1)
			at += length + r.between(0.1, 0.5)
		}
	}
	return pcm
}

// coughs are coughs, sneezes and throats being cleared: air let go, then a voice that scrapes.
func coughs(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for at := r.between(0, 0.2); at < seconds; {
		for range 1 + r.IntN(3) {
			mix(pcm, samples(at), r.burst(r.between(0.15, 0.35), r.between(0.03, 0.09), bandpass(r.between(600, 1600), 0.6)), 1.5)
			base, fall := r.between(90, 220), r.between(0.5, 0.9)
			tail := r.voice(r.between(0.1, 0.3), vowels[r.IntN(len(vowels))], 1.2, func(x float64) float64 { return base * (1 - (1-fall)*x) }, func(x float64) float64 { return 1 - x })
			mix(pcm, samples(at+0.05), tail, r.between(0.2, 0.8))
			at += r.between(0.3, 0.6)
		}
		at += r.between(0.5, 2)
	}
	return r.room(pcm, 0.3, 0.4)
}

// dogs bark: short, rough, falling.
func dogs(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	base := r.between(250, 700)
	for at := r.between(0, 0.2); at < seconds; {
		for range 1 + r.IntN(4) {
			bark := r.voice(r.between(0.1, 0.25), vowel{900, 1600, 2600}, 1, func(x float64) float64 { return base * (1 + 0.6*arch(1.5*x)) }, arch)
			mix(pcm, samples(at), bark, 1)
			at += r.between(0.25, 0.5)
		}
		at += r.between(0.4, 1.5)
	}
	return r.room(pcm, 0.5, 0.5)
}

// baby cries: long calls, high, with a waver.
func baby(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	base := r.between(350, 550)
	for at := r.between(0, 0.3); at < seconds; {
		length, waver := r.between(0.5, 1.4), r.between(5, 9)
		cry := r.voice(length, vowel{1000, 1700, 3000}, 0.3,
			func(x float64) float64 { return base * (1 + 0.3*arch(x) + 0.04*math.Sin(2*math.Pi*waver*length*x)) }, arch)
		mix(pcm, samples(at), cry, 1)
		at += length + r.between(0.2, 0.6)
	}
	return r.room(pcm, 0.4, 0.3)
}

// humming is a tune without words.
func humming(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	base, shape := r.between(130, 330), vowels[r.IntN(len(vowels))]
	for at := 0.0; at < seconds; {
		length := r.between(0.25, 0.9)
		pitch := base * math.Pow(2, float64(steps[r.IntN(len(steps))])/12)
		note := r.voice(length, shape, 0.05, func(x float64) float64 { return pitch * (1 + 0.012*math.Sin(2*math.Pi*5.5*length*x)) },
			func(x float64) float64 { return min(1, 8*x, 8*(1-x)) })
		mix(pcm, samples(at), note, 1)
		at += length
	}
	return r.room(pcm, 0.6, 0.4)
}

// steps of a major scale, in half tones.
var steps = [...]int{0, 2, 4, 5, 7, 9, 11, 12} // constant

// music is chords, a tune above them, a bass and a drum.
func music(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	beat, root, bright := r.between(0.3, 0.7), r.between(110, 220), 2+r.IntN(7)
	chords := [][3]int{{0, 4, 7}, {5, 9, 12}, {7, 11, 14}, {9, 12, 16}}
	tone := func(halves int, length float64, gain float64, at float64) {
		pitch := root * math.Pow(2, float64(halves)/12)
		note := make([]float32, samples(length))
		for i := range note {
			t := float64(i) / Rate
			for k := 1; k <= bright; k++ {
				note[i] += float32(math.Sin(2*math.Pi*pitch*float64(k)*t) / float64(k*k))
			}
			note[i] *= float32(min(1, t/0.01) * math.Exp(-2*t/length))
		}
		mix(pcm, samples(at), note, gain)
	}
	for n := 0; float64(n)*beat < seconds; n++ {
		at := float64(n) * beat
		chord := chords[n/4%len(chords)]
		if n%2 == 0 {
			for _, c := range chord {
				tone(c+12, 2*beat, 0.4, at)
			}
			tone(chord[0]-12, 2*beat, 0.8, at)
		}
		tone(steps[r.IntN(len(steps))]+24, beat*r.between(0.5, 1.2), 0.5, at)
		mix(pcm, samples(at), r.burst(0.1, 0.02, bandpass([]float64{80, 5000}[n%2], 1)), 1)
	}
	return pcm
}

// Hum is a closed mouth that agrees: one, two or three notes, as in "mm", "mhm" and "mm-hm".
func Hum(seed uint64, notes int) []float32 {
	r := newRandom(seed)
	base := r.between(100, 230)
	var pcm []float32
	for k := range notes {
		rise := 1 + 0.12*float64(k)
		pcm = append(pcm, r.voice(r.between(0.16, 0.26), vowel{250, 1100, 2300}, 0.03,
			func(x float64) float64 { return base * rise * (1 + 0.08*x) }, func(x float64) float64 { return min(1, 6*x, 6*(1-x)) })...)
		if k+1 < notes {
			pcm = append(pcm, bandpass(900, 0.6).run(r.white(samples(0.05)))...)
		}
	}
	return pcm
}
