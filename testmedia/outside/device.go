package outside

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"

	"github.com/sensory-agent/sensory-agent/media"
)

// soundRate is the rate of the fake microphone, in hertz.
const soundRate = 48000

// devices writes what the fake devices play into a folder. An empty path stands for Chromium's own.
func devices(dir string, cfg *Config) (sound, picture string, err error) {
	if cfg.Sound != nil {
		sound = filepath.Join(dir, "microphone.wav")
		err = write(sound, func(w io.Writer) error { return media.WriteWAV(w, soundRate, cfg.Sound) })
	}
	if cfg.Picture != nil && err == nil {
		picture = filepath.Join(dir, "camera.y4m")
		err = write(picture, func(w io.Writer) error { return writeY4M(w, cfg.Picture) })
	}
	return sound, picture, err
}

func write(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := fill(w); err != nil {
		return fmt.Errorf("%s: %w", path, err) // the folder goes with the page
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// writeY4M writes a picture as a video of one second, 10 frames, which Chromium repeats: YUV 4:2:0
// in the range of video (BT.601), sides cut to even numbers.
func writeY4M(w io.Writer, img image.Image) error {
	width, height := img.Bounds().Dx()&^1, img.Bounds().Dy()&^1
	const frames = 10
	if _, err := fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420\n", width, height, frames); err != nil {
		return err
	}
	frame := append([]byte("FRAME\n"), planes(img, width, height)...)
	for range frames {
		if _, err := w.Write(frame); err != nil {
			return err
		}
	}
	return nil
}

// planes are luma and both chromas of a picture.
func planes(img image.Image, width, height int) []byte {
	luma := make([]byte, 0, width*height*3/2)
	blue, red := make([]int, width*height/4), make([]int, width*height/4) // sums of four
	origin := img.Bounds().Min
	for y := range height {
		for x := range width {
			r, g, b, _ := img.At(origin.X+x, origin.Y+y).RGBA()
			l, cb, cr := color.RGBToYCbCr(uint8(r>>8), uint8(g>>8), uint8(b>>8))
			luma = append(luma, byte(16+int(l)*219/255))
			at := y/2*(width/2) + x/2
			blue[at] += int(cb)
			red[at] += int(cr)
		}
	}
	for _, sums := range [][]int{blue, red} {
		for _, sum := range sums {
			luma = append(luma, byte(128+(sum/4-128)*224/255))
		}
	}
	return luma
}
