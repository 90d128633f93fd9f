//go:build deps

// Package deps keeps the pinned modules in go.mod while packages are being added.
package deps

import (
	_ "github.com/NVIDIA/go-nvml/pkg/nvml"
	_ "github.com/asticode/go-astiav"
	_ "github.com/fogleman/gg"
	_ "github.com/goccy/go-yaml"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/hraban/opus"
	_ "github.com/livekit/protocol/livekit"
	_ "github.com/livekit/server-sdk-go/v2"
	_ "github.com/pion/rtcp"
	_ "github.com/pion/rtp/codecs"
	_ "github.com/pion/webrtc/v4"
	_ "github.com/shirou/gopsutil/v4/process"
	_ "github.com/spf13/cobra"
	_ "github.com/sugarme/tokenizer/pretrained"
	_ "github.com/vbauerster/mpb/v8"
	_ "github.com/yalue/onnxruntime_go"
	_ "go.uber.org/goleak"
	_ "gocv.io/x/gocv"
	_ "golang.org/x/image/draw"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/text/unicode/norm"
	_ "gonum.org/v1/gonum/dsp/fourier"
	_ "google.golang.org/protobuf/proto"
	_ "pgregory.net/rapid"
)
