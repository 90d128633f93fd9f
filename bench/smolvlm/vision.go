package smolvlm

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// tower is vision_encoder.onnx: a SigLIP tower, pixel shuffle and the projection to the language
// model's width. Pixels that the mask excludes are not looked at; positions are those of a full
// square, which every tile of a picture is.
func tower(s Shape) *onnx.Model {
	n := newNet("vision_encoder", s.Half)
	batch, images := onnx.Free("batch_size"), onnx.Free("num_images")
	height, width := onnx.Free("height"), onnx.Free("width")
	n.Input("pixel_values", onnx.Float32, batch, images, onnx.Fixed(3), height, width)
	n.Input("pixel_attention_mask", onnx.Bool, batch, images, height, width)
	n.Output("image_features", n.kind(), images, onnx.Fixed(Tokens), onnx.Fixed(Hidden))
	const vision = "model.vision_model."
	x := n.patches(vision + "embeddings.")
	mask := n.patchMask()
	for i := range s.VisionLayers {
		x = n.visionLayer(x, mask, fmt.Sprintf("%sencoder.layers.%d.", vision, i))
	}
	x = n.layerNorm(x, vision+"post_layernorm")
	n.Name(n.connect(x), "image_features")
	return n.finish()
}

// patches is [images, patches, width].
func (n *net) patches(name string) string {
	pixels := n.Op("Reshape", []string{"pixel_values", n.Ints(-1, 3, Tile, Tile)})
	if n.half {
		pixels = n.Cast(pixels, onnx.Float16)
	}
	conv := n.Op("Conv", []string{pixels, n.weight(name+"patch_embedding.weight", visionWidth, 3, patch, patch), n.weight(name+"patch_embedding.bias", visionWidth)},
		onnx.Ints("kernel_shape", patch, patch), onnx.Ints("strides", patch, patch))
	rows := n.Op("Transpose", []string{n.Op("Reshape", []string{conv, n.Ints(0, visionWidth, patches)})}, onnx.Ints("perm", 0, 2, 1))
	return n.Op("Add", []string{rows, n.weight(name+"position_embedding.weight", patches, visionWidth)})
}

// patchMask is [images, 1, 1, patches]: 0 for a patch with at least one pixel of the picture, far
// below elsewhere.
func (n *net) patchMask() string {
	seen := n.Cast(n.Op("Reshape", []string{"pixel_attention_mask", n.Ints(-1, 1, Tile, Tile)}), onnx.Float32)
	seen = n.Op("MaxPool", []string{seen}, onnx.Ints("kernel_shape", patch, patch), onnx.Ints("strides", patch, patch))
	seen = n.Cast(n.Op("Reshape", []string{seen, n.Ints(0, 1, 1, patches)}), onnx.Bool)
	return n.Op("Where", []string{seen, n.number(0), n.number(-60000)})
}

// layerNorm normalises the last axis.
func (n *net) layerNorm(x, name string) string {
	return n.Op("LayerNormalization", []string{x, n.weight(name+".weight", visionWidth), n.weight(name+".bias", visionWidth)},
		onnx.Float("epsilon", visionEpsilon), onnx.Int("axis", -1))
}

// visionLayer is attention over all patches and a feed-forward block, norms first.
func (n *net) visionLayer(x, mask, layer string) string {
	const size, scale = visionWidth / visionHeads, 1. / 8 // 1/√64
	attn := layer + "self_attn."
	normed := n.layerNorm(x, layer+"layer_norm1")
	part := func(name string, factor float32) string {
		return n.split(n.linear(normed, attn+name, visionWidth, visionWidth, factor, true), visionHeads, size)
	}
	scores := n.Op("MatMul", []string{part("q_proj", scale), n.Op("Transpose", []string{part("k_proj", 1)}, onnx.Ints("perm", 0, 1, 3, 2))})
	scores = n.Op("Softmax", []string{n.Op("Add", []string{scores, mask})}, onnx.Int("axis", -1))
	mixed := n.join(n.Op("MatMul", []string{scores, part("v_proj", 1)}), visionWidth)
	x = n.Op("Add", []string{x, n.linear(mixed, attn+"out_proj", visionWidth, visionWidth, 1, true)})
	wide := n.linear(n.layerNorm(x, layer+"layer_norm2"), layer+"mlp.fc1", visionInner, visionWidth, 1, true)
	wide = n.Op("Gelu", []string{wide}, onnx.String("approximate", "tanh"))
	return n.Op("Add", []string{x, n.linear(wide, layer+"mlp.fc2", visionWidth, visionInner, 1, true)})
}

// connect lays 4 × 4 patches side by side and projects them.
func (n *net) connect(x string) string {
	const short, wide = side / shuffle, visionWidth * shuffle
	x = n.Op("Reshape", []string{x, n.Ints(0, side, short, wide)})
	x = n.Op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3))
	x = n.Op("Reshape", []string{x, n.Ints(0, short, short, wide*shuffle)})
	x = n.Op("Transpose", []string{x}, onnx.Ints("perm", 0, 2, 1, 3))
	x = n.Op("Reshape", []string{x, n.Ints(0, Tokens, wide*shuffle)})
	return n.linear(x, "model.connector.modality_projection.proj", Hidden, wide*shuffle, 1, false)
}
