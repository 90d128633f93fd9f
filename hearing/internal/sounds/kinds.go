package sounds

import "math"

// Kind is one sort of sound.
type Kind struct {
	Name   string
	Steady bool // goes on for minutes; others come in pieces with pauses between them
	make   func(r random, seconds float64) []float32
}

// Kinds returns all sorts that need no speech to be made of.
func Kinds() []Kind {
	return []Kind{
		{"applause", false, applause},
		{"cheering", false, cheering},
		{"music", false, music},
		{"singing", false, humming},
		{"keys", true, keys},
		{"clicks", true, clicks},
		{"fan", true, fan},
		{"traffic", true, traffic},
		{"rain", true, rain},
		{"laughter", false, laughter},
		{"breathing", true, breathing},
		{"coughs", false, coughs},
		{"knocks", false, knocks},
		{"dishes", true, dishes},
		{"dogs", false, dogs},
		{"baby", false, baby},
	}
}

// Make makes a sound of a length, in seconds, and a level in dBFS.
func (k Kind) Make(seed uint64, seconds, dbfs float64) []float32 {
	return Level(k.make(newRandom(seed), seconds), dbfs)
}

// applause is many hands. Each pair claps at a rhythm and with a tone of its own.
func applause(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for range 3 + r.IntN(40) {
		tone, pause, gain := r.between(700, 2600), r.between(0.18, 0.36), r.between(0.2, 1)
		for at := r.between(0, pause); at < seconds; at += pause * r.between(0.9, 1.1) {
			mix(pcm, samples(at), r.burst(0.06, r.between(0.004, 0.016), bandpass(tone*r.between(0.95, 1.05), 2)), gain)
		}
	}
	return r.room(pcm, 0.8, 0.7)
}

// cheering is a crowd: drawn-out calls of many throats, whistles, and hands below.
func cheering(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for range 6 + r.IntN(20) {
		base := r.between(180, 480)
		for at := r.between(-0.5, 0.5); at < seconds; {
			length := r.between(0.3, 1.8)
			rise, shape := r.between(0.7, 1.5), vowels[r.IntN(len(vowels))]
			call := r.voice(length, shape, 0.4, func(x float64) float64 { return base * (1 + (rise-1)*x) }, arch)
			mix(pcm, samples(at), call, r.between(0.2, 1))
			at += length + r.wait(1.5)
		}
	}
	for at := r.wait(0.4); at < seconds; at += r.wait(0.4) {
		low, high := r.between(1200, 1800), r.between(2000, 3200)
		whistle := make([]float32, samples(r.between(0.2, 0.7)))
		phase := 0.0
		for i := range whistle {
			x := float64(i) / float64(len(whistle))
			phase += (low + (high-low)*arch(x)) / Rate
			whistle[i] = float32(math.Sin(2*math.Pi*phase) * arch(x))
		}
		mix(pcm, samples(at), whistle, 0.8)
	}
	mix(pcm, 0, applause(r, seconds), r.between(0.2, 1))
	return r.room(pcm, 1.2, 0.8)
}

// keys is somebody typing.
func keys(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for at := 0.2; at < seconds; {
		press := r.burst(0.05, 0.004, bandpass(r.between(1800, 4200), 1.5))
		mix(pcm, samples(at), press, r.between(0.5, 1))
		mix(pcm, samples(at), r.struck(0.08, r.between(180, 320)), 0.3)
		mix(pcm, samples(at+r.between(0.06, 0.12)), press, 0.3)
		at += r.between(0.07, 0.28)
		if r.IntN(12) == 0 {
			at += r.between(0.4, 2.5)
		}
	}
	return pcm
}

// clicks are a mouse, a pen, a switch.
func clicks(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for at := r.wait(1); at < seconds; at += r.wait(1.2) {
		for n := range 1 + r.IntN(2) {
			mix(pcm, samples(at+0.14*float64(n)), r.burst(0.03, r.between(0.001, 0.004), bandpass(r.between(2000, 6000), 1)), 1)
			mix(pcm, samples(at+0.14*float64(n)+0.07), r.burst(0.03, 0.002, bandpass(r.between(1500, 4000), 1)), 0.6)
		}
	}
	return pcm
}

// fan is a motor with blades: hum, its harmonics, and air.
func fan(r random, seconds float64) []float32 {
	air := lowpass(r.between(500, 1500)).run(r.white(samples(seconds)))
	hum, blades := r.between(45, 130), r.between(5, 30)
	for i := range air {
		t := float64(i) / Rate
		tone := 0.0
		for k := 1.0; k <= 6; k++ {
			tone += math.Sin(2*math.Pi*hum*k*t) / k
		}
		air[i] = air[i]*float32(1+0.3*math.Sin(2*math.Pi*blades*t)) + float32(0.12*tone)
	}
	return air
}

// traffic is a road: tyres and engines that come and go, and horns.
func traffic(r random, seconds float64) []float32 {
	pcm := lowpass(300).run(r.white(samples(seconds)))
	for at := -2.0; at < seconds; at += r.wait(0.3) {
		length := r.between(3, 8)
		pass := bandpass(r.between(400, 1100), 0.7).run(r.white(samples(length)))
		engine := r.between(50, 130)
		phase := 0.0
		for i := range pass {
			x := float64(i) / float64(len(pass))
			phase += engine * (1.1 - 0.2*x) / Rate
			pass[i] = (pass[i] + float32(0.8*(phase-math.Floor(phase)-0.5))) * float32(math.Pow(arch(x), 2))
		}
		mix(pcm, samples(at), pass, r.between(0.4, 1.4))
	}
	for at := r.wait(0.08); at < seconds; at += r.wait(0.08) {
		tone, horn := r.between(320, 480), make([]float32, samples(r.between(0.15, 0.9)))
		for i := range horn {
			t := float64(i) / Rate
			for k := 1.0; k <= 8; k++ {
				horn[i] += float32((math.Sin(2*math.Pi*tone*k*t) + math.Sin(2*math.Pi*tone*1.26*k*t)) / k * 0.2)
			}
		}
		mix(pcm, samples(at), horn, 0.6)
	}
	return pcm
}

// rain is a hiss and drops on a window.
func rain(r random, seconds float64) []float32 {
	pcm := bandpass(r.between(2500, 4500), 0.5).run(r.white(samples(seconds)))
	for at := 0.0; at < seconds; at += r.wait(25) {
		mix(pcm, samples(at), r.burst(0.03, r.between(0.001, 0.006), bandpass(r.between(600, 5000), 3)), r.between(0.3, 3))
	}
	return pcm
}

// dishes are struck plates, glasses and cutlery.
func dishes(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for at := r.wait(2); at < seconds; at += r.wait(2) {
		base := r.between(900, 3200)
		mix(pcm, samples(at), r.struck(r.between(0.1, 0.5), base, base*r.between(1.4, 1.7), base*r.between(2.1, 2.6)), r.between(0.2, 1))
		mix(pcm, samples(at), r.burst(0.02, 0.003, bandpass(4000, 1)), 0.4)
	}
	return r.room(pcm, 0.4, 0.5)
}

// knocks are on a door, and steps.
func knocks(r random, seconds float64) []float32 {
	pcm := make([]float32, samples(seconds))
	for at := r.between(0, 0.2); at < seconds; at += r.between(0.14, 0.5) {
		base := r.between(90, 260)
		mix(pcm, samples(at), r.struck(0.2, base, base*2.3, base*3.9), r.between(0.5, 1))
		mix(pcm, samples(at), r.burst(0.05, 0.008, lowpass(1500)), 1)
	}
	return r.room(pcm, 0.5, 0.6)
}
