package scene

import "math"

// point is a corner in a square that reaches from -1 to 1; y grows downwards.
type point struct{ x, y float64 }

// contours returns the closed outlines of a shape; a second contour turns the other way round and
// is a hole.
func contours(t thing) [][]point {
	switch t.name {
	case "circle":
		return [][]point{regular(48, 0, 1)}
	case "ring":
		return [][]point{regular(48, 0, 1), backwards(regular(48, 0, 0.42+0.2*t.inner))}
	case "square":
		return one(turn([]point{{-0.8, -0.8}, {0.8, -0.8}, {0.8, 0.8}, {-0.8, 0.8}}, t.tilt))
	case "triangle":
		return one(regular(3, t.tilt, 1))
	case "hexagon":
		return one(regular(6, t.tilt+math.Pi/6, 1))
	case "diamond":
		return one(turn([]point{{0, -1}, {0.68, 0}, {0, 1}, {-0.68, 0}}, t.tilt))
	case "star":
		return one(star(t.tilt))
	case "cross":
		return one(turn(cross(0.24+0.12*t.inner), t.tilt))
	case "arrow":
		return one(turn([]point{{-0.95, -0.25}, {0.1, -0.25}, {0.1, -0.7}, {0.95, 0}, {0.1, 0.7}, {0.1, 0.25}, {-0.95, 0.25}},
			t.tilt+float64(t.quarter)*math.Pi/2))
	default:
		return one(turn(heart(), t.tilt))
	}
}

func one(p []point) [][]point { return [][]point{p} }

func regular(corners int, turned, radius float64) []point {
	p := make([]point, corners)
	for i := range p {
		sin, cos := math.Sincos(turned + 2*math.Pi*float64(i)/float64(corners))
		p[i] = point{radius * sin, -radius * cos}
	}
	return p
}

func star(turned float64) []point {
	outer, inner := regular(5, turned, 1), regular(5, turned+math.Pi/5, 0.42)
	p := make([]point, 0, 10)
	for i := range outer {
		p = append(p, outer[i], inner[i])
	}
	return p
}

func cross(k float64) []point {
	const e = 0.95
	return []point{{-k, -e}, {k, -e}, {k, -k}, {e, -k}, {e, k}, {k, k}, {k, e}, {-k, e}, {-k, k}, {-e, k}, {-e, -k}, {-k, -k}}
}

func heart() []point {
	p := make([]point, 40)
	for i := range p {
		t := 2 * math.Pi * float64(i) / float64(len(p))
		sin := math.Sin(t)
		y := 13*math.Cos(t) - 5*math.Cos(2*t) - 2*math.Cos(3*t) - math.Cos(4*t)
		p[i] = point{16 * sin * sin * sin / 17, -y/17 - 0.1}
	}
	return p
}

func turn(p []point, by float64) []point {
	sin, cos := math.Sincos(by)
	for i, q := range p {
		p[i] = point{q.x*cos - q.y*sin, q.x*sin + q.y*cos}
	}
	return p
}

func backwards(p []point) []point {
	for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
		p[i], p[j] = p[j], p[i]
	}
	return p
}
