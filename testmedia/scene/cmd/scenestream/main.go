package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/album"
	"github.com/sensory-agent/sensory-agent/testmedia/scene/stream"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "scenestream:", err)
		os.Exit(1)
	}
}

func run() error {
	c := stream.DefaultConfig()
	start := flag.Uint64("start", 0, "first seed")
	count := flag.Uint64("count", 0, "how many examples; 0 is endless")
	kinds := flag.String("kinds", "", "weights of kinds of pictures, replacing the usual ones: kind=weight,…")
	questions := flag.String("questions", "", "weights of kinds of questions, replacing the usual ones: kind=weight,…")
	flag.IntVar(&c.PerImage, "per-image", c.PerImage, "questions about each picture")
	flag.Float64Var(&c.Blind, "blind", c.Blind, "chance of one more question without the picture")
	flag.Float64Var(&c.Earlier, "earlier", c.Earlier, "chance that a picture is shown with an earlier one")
	pictures := flag.String("pictures", "", "folder of real pictures: a folder for each sort, see models/calibration/pictures.py")
	flag.BoolVar(&c.Clean, "clean", false, "do not degrade pictures")
	flag.Parse()
	if err := weigh(*kinds, &c.Kinds); err != nil {
		return err
	}
	if err := weigh(*questions, &c.Questions); err != nil {
		return err
	}
	if err := c.Validate(); err != nil {
		return err
	}
	if *pictures != "" {
		var err error
		if c.Album, err = album.Open(os.DirFS(*pictures)); err != nil {
			return err
		}
	}
	return write(c, *start, *count)
}

func write(c stream.Config, start, count uint64) error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	w, err := stream.NewWriter(out)
	if err != nil {
		return err
	}
	for seed := start; count == 0 || seed < start+count; seed++ {
		r, err := stream.Example(seed, c)
		if err != nil {
			return err
		}
		if err := w.Write(r); err != nil {
			return err
		}
	}
	return out.Flush()
}

// weigh reads "name=weight,…" into a fresh map; an empty text leaves the map as it is.
func weigh[K scene.Kind | scene.QuestionKind](text string, into *map[K]float64) error {
	if text == "" {
		return nil
	}
	*into = map[K]float64{}
	for _, part := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		w, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("%w: %q", stream.ErrWeight, part)
		}
		(*into)[K(name)] = w
	}
	return nil
}
