package generate

import (
	"fmt"
	"hash/maphash"
	"math"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// The Qwen VL family places tokens on three axes: frame, row and column. Text moves along all three
// at once; the tokens of a picture lie in a grid, and the text after it goes on behind the grid's
// longest side. Formulas: get_rope_index of Qwen2-VL in Hugging Face's transformers.

// gridAxes is the number of rows of position_ids.
const gridAxes = 3

// gridFamilies are the values of model_type whose pictures lie in grids.
func gridFamilies() []string { return []string{"qwen2_vl", "qwen2_5_vl", "qwen3_vl"} }

// Grid says how the tokens of a picture lie: frames, and in each frame rows of columns.
type Grid struct{ T, H, W int }

// maxGridSide bounds each of them, which keeps their product within an int.
const maxGridSide = 1 << 16

// holds reports whether the grid has places for so many tokens.
func (g Grid) holds(tokens int) bool {
	for _, side := range []int{g.T, g.H, g.W} {
		if side < 1 || side > maxGridSide {
			return false
		}
	}
	return g.T*g.H*g.W == tokens
}

// checkGrid compares a picture with the family of the model.
func (m Image) checkGrid(grids bool) error {
	switch {
	case !grids && m.Grid != Grid{}:
		return fmt.Errorf("%w: a grid of %v, the model takes tiles", ErrImage, m.Grid)
	case grids && (m.Rows != 0 || m.Cols != 0):
		return fmt.Errorf("%w: %d x %d tiles, the model takes a grid", ErrImage, m.Rows, m.Cols)
	case grids && !m.Grid.holds(m.Tokens):
		return fmt.Errorf("%w: a grid of %v for %d tokens", ErrImage, m.Grid, m.Tokens)
	}
	return nil
}

// inGrid adds the grid to what identifies features: the same ones in another grid stand elsewhere,
// and so are other keys and values.
func (m *Model) inGrid(digest uint64, grid Grid) uint64 {
	if grid == (Grid{}) {
		return digest
	}
	return maphash.Comparable(m.seed, [...]uint64{digest, uint64(grid.T), uint64(grid.H), uint64(grid.W)}) & math.MaxInt64
}

// positions are where the tokens of a call stand. Nil means that each stands at its index.
type positions struct {
	axes  [gridAxes][]int64 // of the prompt's tokens
	shift int64             // from the index of a token behind the prompt to its place, the same on every axis
}

// positionsOf places a prompt whose image tokens were paired with the images.
func (m *Model) positionsOf(ids []int, images []Image) *positions {
	if !m.cfg.grids {
		return nil
	}
	p, next := &positions{}, int64(0)
	for i := 0; i < len(ids); {
		if ids[i] == m.cfg.imageToken {
			grid := images[0].Grid
			images = images[1:]
			p.picture(next, grid)
			next += int64(max(grid.T, grid.H, grid.W))
			i += grid.T * grid.H * grid.W
			continue
		}
		p.add(next, next, next)
		next++
		i++
	}
	p.shift = next - int64(len(ids))
	return p
}

func (p *positions) add(place ...int64) {
	for axis, at := range place {
		p.axes[axis] = append(p.axes[axis], at)
	}
}

// picture adds the places of a grid.
func (p *positions) picture(first int64, grid Grid) {
	for t := range grid.T {
		for h := range grid.H {
			for w := range grid.W {
				p.add(first+int64(t), first+int64(h), first+int64(w))
			}
		}
	}
}

// write sets the positions of n tokens from the first on, axis after axis, as position_ids takes
// them.
func (p *positions) write(into []int64, first, n int) {
	if p == nil {
		for i := range n {
			into[i] = int64(first + i)
		}
		return
	}
	for axis, places := range p.axes {
		row := into[axis*n : (axis+1)*n]
		held := copy(row, places[min(first, len(places)):])
		for i := held; i < n; i++ {
			row[i] = int64(first+i) + p.shift
		}
	}
}

// placeShape is the shape of position_ids for n tokens.
func (d *decoder) placeShape(n int) []int64 {
	if d.axes == gridAxes {
		return []int64{gridAxes, 1, int64(n)}
	}
	return []int64{1, int64(n)}
}

// inspectPlaces reads how many axes positions have.
func (d *decoder) inspectPlaces(info ort.TensorInfo) error {
	switch rank := len(info.Shape); {
	case rank == 2:
		d.axes = 1
	case rank == 3 && (info.Shape[0] == gridAxes || info.Shape[0] < 1):
		d.axes = gridAxes
	default:
		return graphError(graphDecoder, info.Name, "%v is neither [batch, tokens] nor [%d, batch, tokens]", info.Shape, gridAxes)
	}
	return nil
}

// checkAxes compares the graph's positions with the family.
func (m *Model) checkAxes() error {
	if m.cfg.grids == (m.decode.axes == gridAxes) {
		return nil
	}
	return graphError(graphDecoder, "position_ids", "%d axes for model_type %q of %s; those with %d are %v",
		m.decode.axes, m.cfg.modelType, fileConfig, gridAxes, gridFamilies())
}
