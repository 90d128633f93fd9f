package device

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/onnx"
	"github.com/sensory-agent/sensory-agent/vision/layout"
)

var (
	// ErrSize says that a picture is empty or larger than a picture may be; a *media.SizeError has
	// the numbers.
	ErrSize = media.ErrPictureSize
	// ErrFilter says that the configuration asks for the nearest pixel, which is no filter.
	ErrFilter = errors.New("filter not supported on a device")
	// ErrPatches says that the configuration asks for patches: only squares are made on a device so
	// far.
	ErrPatches = errors.New("patches not supported on a device")
)

// Coding says in which form pictures come.
type Coding int

// The codings.
const (
	RGB  Coding = iota // one input rgb: uint8 [height, width, 3]
	I420               // three inputs y, u, v: uint8 [height, width], and twice [⌈height/2⌉, ⌈width/2⌉], rows without padding
)

// Source describes the pictures.
type Source struct {
	Width, Height int
	Coding        Coding
	Matrix        media.ColorMatrix // of I420
	FullRange     bool              // of I420
}

// Texture writes the graph for pictures of one size: its output pixel_values is float32 [1, images,
// 3, tile, tile], as the layout says. Errors: ErrSize, ErrFilter, ErrPatches.
func Texture(cfg layout.Config, splitting bool, src Source) ([]byte, layout.Layout, error) {
	if err := media.CheckSize(src.Width, src.Height); err != nil { // the weights of one axis then take 64 MiB at most
		return nil, layout.Layout{}, err
	}
	if cfg.Patches.Side > 0 {
		return nil, layout.Layout{}, ErrPatches
	}
	if cfg.Filter == layout.FilterNearest {
		return nil, layout.Layout{}, fmt.Errorf("%w: %v", ErrFilter, cfg.Filter)
	}
	l := layout.Of(&cfg, splitting, true, src.Width, src.Height)
	n := net{onnx.NewBuilder("texture")}
	picture, at := n.picture(src), layout.Size{Width: src.Width, Height: src.Height}
	for _, step := range l.Steps[:l.StepCount] {
		picture, at = n.scale(picture, at, step, cfg.Filter), step
	}
	tile, rows, cols := int64(cfg.Tile), int64(max(l.Rows, 1)), int64(max(l.Cols, 1))
	tiles := n.Op("Reshape", []string{picture, n.Ints(3, rows, tile, cols, tile)})
	tiles = n.Op("Transpose", []string{tiles}, onnx.Ints("perm", 1, 3, 0, 2, 4))
	tiles = n.Op("Reshape", []string{tiles, n.Ints(1, rows*cols, 3, tile, tile)})
	if l.Global {
		whole := n.scale(picture, at, layout.Size{Width: cfg.Tile, Height: cfg.Tile}, cfg.Filter)
		whole = n.Op("Reshape", []string{whole, n.Ints(1, 1, 3, tile, tile)})
		tiles = n.Op("Concat", []string{tiles, whole}, onnx.Int("axis", 1))
	}
	n.normalise(tiles, &cfg)
	n.Output("pixel_values", onnx.Float32, onnx.Fixed(1), onnx.Fixed(l.Images), onnx.Fixed(3), onnx.Fixed(cfg.Tile), onnx.Fixed(cfg.Tile))
	file, err := n.Model(8, 17, "").Bytes()
	return file, l, err
}

// net builds the graph.
type net struct{ *onnx.Builder }

// input declares an input of bytes with fixed sizes.
func (n net) input(name string, dims ...int) string {
	var shape []onnx.Dim
	for _, d := range dims {
		shape = append(shape, onnx.Fixed(d))
	}
	return n.Input(name, onnx.Uint8, shape...)
}

// picture is float32 [3, height, width] in levels.
func (n net) picture(src Source) string {
	if src.Coding == RGB {
		planes := n.Op("Transpose", []string{n.input("rgb", src.Height, src.Width, 3)}, onnx.Ints("perm", 2, 0, 1))
		return n.Cast(planes, onnx.Float32)
	}
	var c layout.Colours
	c.Fill(src.Matrix == media.BT709, src.FullRange)
	luma := n.look("luma", &c.Luma, n.index(n.input("y", src.Height, src.Width)))
	halfH, halfW := (src.Height+1)/2, (src.Width+1)/2
	u, v := n.index(n.input("u", halfH, halfW)), n.index(n.input("v", halfH, halfW))
	green := n.Op("Add", []string{n.look("greenU", &c.GreenU, u), n.look("greenV", &c.GreenV, v)})
	var channels []string
	for _, chroma := range []string{n.look("redV", &c.RedV, v), green, n.look("blueU", &c.BlueU, u)} {
		sum := n.Op("Add", []string{luma, n.repeated(chroma, src.Height, src.Width)})
		sum = n.Op("Div", []string{n.Op("Max", []string{sum, n.int32("zero", 0)}), n.int32("one", 1<<layout.ColourBits)})
		sum = n.Cast(n.Op("Min", []string{sum, n.int32("top", 255)}), onnx.Float32)
		channels = append(channels, n.Op("Unsqueeze", []string{sum, n.Ints(0)}))
	}
	return n.Op("Concat", channels, onnx.Int("axis", 0))
}

// index makes indices of bytes.
func (n net) index(x string) string {
	return n.Cast(x, onnx.Int32)
}

// look looks every value up in a table.
func (n net) look(name string, table *[256]int32, index string) string {
	raw := make([]byte, 0, 4*len(table))
	for _, v := range table {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
	}
	t := n.Constant(onnx.Tensor{Name: name, Type: onnx.Int32, Dims: []int64{256}, Data: onnx.Bytes(raw)})
	return n.Op("Gather", []string{t, index})
}

// int32 is a constant.
func (n net) int32(name string, v uint32) string {
	return n.Constant(onnx.Tensor{Name: name, Type: onnx.Int32, Data: onnx.Bytes(binary.LittleEndian.AppendUint32(nil, v))})
}

// repeated gives every pixel the chroma that it shares with its neighbours.
func (n net) repeated(x string, height, width int) string {
	for axis, size := range []int{height, width} {
		index := make([]int64, size)
		for i := range index {
			index[i] = int64(i / 2)
		}
		t := n.Constant(onnx.Int64s(fmt.Sprint("halves ", size), index, int64(size)))
		x = n.Op("Gather", []string{x, t}, onnx.Int("axis", int64(axis)))
	}
	return x
}

// scale filters columns, rounds, filters rows and rounds; an axis that keeps its size is left
// alone.
func (n net) scale(x string, from, to layout.Size, filter layout.Filter) string {
	if from.Width != to.Width {
		x = n.level(n.Op("MatMul", []string{x, n.weights(filter, from.Width, to.Width, true)}))
	}
	if from.Height != to.Height {
		x = n.level(n.Op("MatMul", []string{n.weights(filter, from.Height, to.Height, false), x}))
	}
	return x
}

// level rounds to whole levels of 0 to 255, halves up.
func (n net) level(x string) string {
	x = n.Op("Floor", []string{n.Op("Add", []string{x, n.Float(0.5)})})
	return n.Op("Clip", []string{x, n.Float(0), n.Float(255)})
}

// weights is the matrix [out, in] that scales a line, or its transpose.
func (n net) weights(filter layout.Filter, in, out int, exchanged bool) string {
	name := fmt.Sprintf("weights %v %d to %d %v", filter, in, out, exchanged)
	if n.Has(name) {
		return name
	}
	var a layout.Axis
	a.Compute(filter, in, float64(in), out)
	values, dims := make([]float32, in*out), []int64{int64(out), int64(in)}
	if exchanged {
		dims = []int64{int64(in), int64(out)}
	}
	for i := range out {
		for k := range int(a.Count[i]) {
			at := i*in + int(a.First[i]) + k
			if exchanged {
				at = (int(a.First[i])+k)*out + i
			}
			values[at] = float32(a.Weights[i*a.Taps+k]) / (1 << layout.WeightBits)
		}
	}
	return n.Constant(onnx.Float32s(name, values, dims...))
}

// normalise writes pixel_values = (level · rescale − mean) / deviation.
func (n net) normalise(x string, cfg *layout.Config) {
	var mean, std []float32
	for c := range cfg.Mean {
		mean, std = append(mean, float32(cfg.Mean[c])), append(std, float32(cfg.Std[c]))
	}
	x = n.Op("Mul", []string{x, n.Constant(onnx.Float32s("rescale", []float32{float32(cfg.Rescale)}))})
	x = n.Op("Sub", []string{x, n.Constant(onnx.Float32s("mean", mean, 3, 1, 1))})
	n.Node("Div", "", []string{x, n.Constant(onnx.Float32s("std", std, 3, 1, 1))}, []string{"pixel_values"})
}
