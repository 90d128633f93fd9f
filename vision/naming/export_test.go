package naming

import (
	"context"
	"image"
)

// Logits are what the network gives of a picture.
func (n *Namer) Logits(ctx context.Context, picture *image.RGBA) ([]float32, error) {
	return n.logits(ctx, picture)
}

// Best is the name that logits give at a temperature, where a name has to be so likely to be told
// rather than its sort.
func (n *Namer) Best(logits []float32, temperature, exact float64) Name {
	best, _ := n.labels.best(logits, temperature, exact)
	return best
}

// Chosen are the temperature and the likelihood that are used.
func Chosen() (temperature, exact float64) { return temperatureChosen, exactChosen }
