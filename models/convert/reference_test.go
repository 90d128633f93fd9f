package convert_test

import "math"

// The plain forward passes below are written from the papers, in float64 and without a cache, to
// compare graphs with.

// rows is a matrix as a list of rows.
type rows [][]float64

func toRows(values []float32, width int) rows {
	var out rows
	for ; len(values) > 0; values = values[width:] {
		out = append(out, wide(values[:width]))
	}
	return out
}

func wide(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

func (m rows) flat() []float32 {
	var out []float32
	for _, r := range m {
		for _, v := range r {
			out = append(out, float32(v))
		}
	}
	return out
}

// each applies f to every row.
func (m rows) each(f func([]float64) []float64) rows {
	out := make(rows, len(m))
	for i, r := range m {
		out[i] = f(r)
	}
	return out
}

func (m rows) plus(other rows) rows {
	out := make(rows, len(m))
	for i, r := range m {
		out[i] = make([]float64, len(r))
		for j := range r {
			out[i][j] = r[j] + other[i][j]
		}
	}
	return out
}

// linear multiplies each row by a matrix [out][in] and adds a bias, which may be nil.
func (m rows) linear(matrix rows, bias []float64) rows {
	return m.each(func(x []float64) []float64 {
		out := make([]float64, len(matrix))
		for i, row := range matrix {
			for j, v := range row {
				out[i] += v * x[j]
			}
			if bias != nil {
				out[i] += bias[i]
			}
		}
		return out
	})
}

func layerNorm(gain, bias []float64) func([]float64) []float64 {
	return func(x []float64) []float64 {
		var mean, variance float64
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / float64(len(x))
		}
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = (v-mean)/math.Sqrt(variance+1e-5)*gain[i] + bias[i]
		}
		return out
	}
}

func rmsNorm(gain []float64, epsilon float64) func([]float64) []float64 {
	return func(x []float64) []float64 {
		var mean float64
		for _, v := range x {
			mean += v * v / float64(len(x))
		}
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = v / math.Sqrt(mean+epsilon) * gain[i]
		}
		return out
	}
}

func gelu(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v / 2 * (1 + math.Erf(v/math.Sqrt2))
	}
	return out
}

// attend is attention with heads of equal size; key heads are shared by equally many query heads.
// Row i of the query may see key rows up to i when causal.
func attend(query, key, value rows, heads, groups int, causal bool) rows {
	size := len(query[0]) / heads
	out := make(rows, len(query))
	for i := range query {
		out[i] = make([]float64, len(query[0]))
		for h := range heads {
			from, side := h*size, h*groups/heads*size
			seen := len(key)
			if causal {
				seen = i + 1
			}
			scores, sum := make([]float64, seen), 0.0
			for j := range scores {
				var dot float64
				for k := range size {
					dot += query[i][from+k] * key[j][side+k]
				}
				scores[j] = math.Exp(dot / math.Sqrt(float64(size)))
				sum += scores[j]
			}
			for j, s := range scores {
				for k := range size {
					out[i][from+k] += s / sum * value[j][side+k]
				}
			}
		}
	}
	return out
}

// conv is a convolution of width 3 with one row of padding on both sides; weight is [out][in][3] in
// one slice.
func (m rows) conv(weight []float32, bias []float64, stride int) rows {
	in := len(m[0])
	var out rows
	for at := 0; at < len(m); at += stride {
		row := append([]float64(nil), bias...)
		for o := range row {
			for k := range 3 {
				if t := at + k - 1; t >= 0 && t < len(m) {
					for c := range in {
						row[o] += float64(weight[(o*in+c)*3+k]) * m[t][c]
					}
				}
			}
		}
		out = append(out, row)
	}
	return out
}
