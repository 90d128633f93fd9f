package compute_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/compute"
)

// A frame's lease goes with the frame; the texture is made under a lease of its own, and both give
// their memory back at the end.
func ExampleBroker() {
	broker, err := compute.NewBroker(compute.Config{
		Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 2, Units: 2000, Bytes: 64 << 20}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	frame, err := broker.Acquire(ctx, compute.Demand{
		Artifact: "webrtc.frame_decoded/cam/7", Class: compute.Media, Silicon: compute.SiliconCPU, Holder: "cam",
		Cost: compute.Cost{Units: 125, Bytes: 1_382_400}, Revocation: compute.Hard,
		OnEnd: func() { fmt.Println("the frame's buffer is back") },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := frame.Publish(); err != nil {
		fmt.Println(err)
	}
	texture, err := broker.Acquire(ctx, compute.Demand{
		Artifact: "vision.texture/cam/7", Class: compute.Render, Silicon: compute.SiliconCPU, Holder: "cam",
		Cost: compute.Cost{Units: 125, Bytes: 196_608}, From: []*compute.Lease{frame},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer texture.Release()
	err = frame.Do(func() error {
		fmt.Println("read the frame, write the texture")
		return nil
	})
	frame.Release()
	fmt.Println(err, texture.Token())
	_, err = broker.TryAcquire(compute.Demand{
		Artifact: "model", Class: compute.Memory, Silicon: compute.SiliconCPU, Holder: "room", Cost: compute.Cost{Bytes: 64 << 20},
	})
	fmt.Println(errors.Is(err, compute.ErrPressure), err)
	// Output:
	// read the frame, write the texture
	// the frame's buffer is back
	// <nil> 2
	// true model on CPU for room refused: no capacity now: needs 67108864 bytes, 66912256 of 67108864 free (1 held, 0 waiting)
}
