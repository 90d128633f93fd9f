package convert

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/torch"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// classifierFile is the graph that EfficientNetLite writes.
const classifierFile = "classifier.onnx"

// Versions of the classifier's graph, and the epsilon of its batch norms.
const (
	classifierOpset  = 13
	classifierIR     = 8
	batchNormEpsilon = 1e-3
)

// liteStrides are those of the first convolution of each stage of an EfficientNet.
func liteStrides() []int64 { return []int64{1, 2, 2, 2, 1, 2, 1} }

// liteSides is the side in pixels of the square that a variant was trained with, by how many blocks
// it has and how many channels come out of the last.
func liteSides() map[[2]int64]int64 {
	return map[[2]int64]int64{{16, 320}: 224, {21, 320}: 240, {21, 352}: 260, {24, 384}: 280, {30, 448}: 300}
}

// EfficientNetLite converts a PyTorch checkpoint of EfficientNet-Lite 0 to 4, with the names of
// weights that the package efficientnet-lite-pytorch gives them, into the folder outDir:
//
//   - classifier.onnx: pixels f32[batch, 3, side, side], red first, (value − 127) / 128 of 8 bits →
//     logits f32[batch, classes]. The batch norms are folded into the convolutions.
//   - LICENCE.txt.
//
// The context stops the conversion between chunks of 1 MiB. Errors wrap ErrUnsupported,
// torch.ErrPickle, the sentinels of package ggml, or an error of the file system; each names the
// file and the field. Nothing of the checkpoint is run.
func EfficientNetLite(ctx context.Context, path, outDir string, progress func(done, total int64)) error {
	return convertFile(ctx, path, outDir, progress, torch.Read, classifierOutput)
}

func classifierOutput(f *torch.File, weights weightFile) (*output, error) {
	out := &output{}
	err := out.graphFiles([]graphFile{{classifierFile, func() (*onnx.Model, error) { return classifier(f, weights) }}})
	out.text(licenceFile, []byte(classifierLicence))
	return out, err
}

const classifierLicence = `The weights in this folder are those of EfficientNet-Lite by the TensorFlow authors (Google), published under the Apache
License, Version 2.0, in the form for PyTorch that ML Illustrated gave them. They were converted to ONNX without retraining.
`

// classifierNet builds the graph. The first error is kept, later calls go on harmlessly.
type classifierNet struct {
	*onnx.Builder
	file    *torch.File
	weights weightFile
	err     error
}

// dims are those of a weight.
func (n *classifierNet) dims(name string, count int) []int64 {
	t, err := n.file.Tensor(name)
	if err == nil && len(t.Dims) != count {
		err = fmt.Errorf("tensor %s: %w: %d dimensions", name, ErrUnsupported, len(t.Dims))
	}
	if err == nil {
		return t.Dims
	}
	if n.err == nil {
		n.err = err
	}
	return []int64{1, 1, 1, 1}[:count]
}

// values reads a whole weight.
func (n *classifierNet) values(name string, dims ...int64) ([]float32, error) {
	t, err := n.file.Tensor(name, dims...)
	if err != nil {
		return nil, err
	}
	return t.Values(n.weights.r)
}

// vector is values, its error kept.
func (n *classifierNet) vector(name string, size int64) []float32 {
	out, err := n.values(name, size)
	if err != nil {
		if n.err == nil {
			n.err = err
		}
		return make([]float32, size)
	}
	return out
}

// conv is a convolution with its batch norm: as wide and high as its input over the stride, with
// the odd row and column of the border at the end, as TensorFlow lays it. cut bounds what comes out
// to 0..6.
func (n *classifierNet) conv(x, name, norm string, stride int64, cut bool) string {
	dims := n.dims(name+".weight", 4)
	out := dims[0]
	gain, shift := n.vector(norm+".weight", out), n.vector(norm+".bias", out)
	mean, spread := n.vector(norm+".running_mean", out), n.vector(norm+".running_var", out)
	factors := make([]float32, out)
	for i := range factors {
		f := float64(gain[i]) / math.Sqrt(float64(spread[i])+batchNormEpsilon)
		factors[i] = float32(f)
		shift[i] = float32(float64(shift[i]) - float64(mean[i])*f)
	}
	each := dims[1] * dims[2] * dims[3]
	weight := n.Constant(onnx.Tensor{Name: name + ".weight", Type: onnx.Float32, Dims: dims, Data: onnx.Payload{
		Size: 4 * out * each, Write: func(w io.Writer) error {
			values, err := n.values(name+".weight", dims...)
			if err != nil {
				return err
			}
			for i := range values {
				values[i] *= factors[int64(i)/each]
			}
			return writeFloats(w, values)
		},
	}})
	bias := n.Constant(onnx.Float32s(name+".bias", shift, out))
	groups := int64(1)
	if dims[1] == 1 && out > 1 {
		groups = out
	}
	x = n.Op("Conv", []string{x, weight, bias}, onnx.String("auto_pad", "SAME_UPPER"), onnx.Int("group", groups),
		onnx.Ints("kernel_shape", dims[2], dims[3]), onnx.Ints("strides", stride, stride))
	if cut {
		x = n.Op("Clip", []string{x, n.Float(0), n.Float(6)})
	}
	return x
}

// has tells whether there is a weight of that name.
func (n *classifierNet) has(name string) bool {
	_, err := n.file.Tensor(name)
	return err == nil
}

// block is an inverted bottleneck: wide, depthwise, narrow, and past it what came in where that
// fits.
func (n *classifierNet) block(x, name string, stride int64) string {
	in := x
	first := n.dims(name+"._depthwise_conv.weight", 4)[0]
	if wide := name + "._expand_conv.weight"; n.has(wide) {
		first = n.dims(wide, 4)[1]
		x = n.conv(x, name+"._expand_conv", name+"._bn0", 1, true)
	}
	x = n.conv(x, name+"._depthwise_conv", name+"._bn1", stride, true)
	x = n.conv(x, name+"._project_conv", name+"._bn2", 1, false)
	if last := n.dims(name+"._project_conv.weight", 4)[0]; stride == 1 && first == last {
		x = n.Op("Add", []string{x, in})
	}
	return x
}

// strides are those of all blocks, and side is that of the picture. A stage begins where the number
// of channels that come out of a block changes.
func (n *classifierNet) strides() (strides []int64, side int64) {
	last, stage := int64(0), -1
	for {
		name := fmt.Sprintf("_blocks.%d._project_conv.weight", len(strides))
		if !n.has(name) {
			break
		}
		stride := int64(1)
		if out := n.dims(name, 4)[0]; out != last {
			last, stage = out, stage+1
			if stage < len(liteStrides()) {
				stride = liteStrides()[stage]
			}
		}
		strides = append(strides, stride)
	}
	side = liteSides()[[2]int64{int64(len(strides)), last}]
	if n.err == nil && (side == 0 || stage+1 != len(liteStrides()) || n.has("_blocks.0._se_reduce.weight")) {
		n.err = fmt.Errorf("%d blocks in %d stages, the last with %d channels: %w", len(strides), stage+1, last, ErrUnsupported)
	}
	return strides, side
}

// classifier builds the graph.
func classifier(f *torch.File, weights weightFile) (*onnx.Model, error) {
	n := &classifierNet{Builder: onnx.NewBuilder("efficientnet_lite"), file: f, weights: weights}
	strides, side := n.strides()
	if n.err != nil {
		return nil, n.err
	}
	x := n.Input("pixels", onnx.Float32, onnx.Free("batch"), onnx.Fixed(3), onnx.Fixed(int(side)), onnx.Fixed(int(side)))
	x = n.conv(x, "_conv_stem", "_bn0", 2, true)
	for i, stride := range strides {
		x = n.block(x, fmt.Sprintf("_blocks.%d", i), stride)
	}
	x = n.conv(x, "_conv_head", "_bn1", 1, true)
	x = n.Op("Flatten", []string{n.Op("GlobalAveragePool", []string{x})})
	dims := n.dims("_fc.weight", 2)
	matrix := n.Constant(onnx.Tensor{Name: "_fc.weight", Type: onnx.Float32, Dims: dims, Data: onnx.Payload{
		Size: 4 * dims[0] * dims[1], Write: func(w io.Writer) error {
			values, err := n.values("_fc.weight", dims...)
			if err != nil {
				return err
			}
			return writeFloats(w, values)
		},
	}})
	bias := n.Constant(onnx.Float32s("_fc.bias", n.vector("_fc.bias", dims[0]), dims[0]))
	n.Name(n.Op("Gemm", []string{x, matrix, bias}, onnx.Int("transB", 1)), "logits")
	n.Output("logits", onnx.Float32, onnx.Free("batch"), onnx.Fixed(int(dims[0])))
	return n.Model(classifierIR, classifierOpset, "EfficientNet-Lite checkpoint"), n.err
}
